import { EXPORT_FORMATS, exportAudit, parseAuditFilter } from '#lib/admin/index.ts';
import { AppError } from '#lib/errors.ts';
import { route, serveStream } from '#lib/http/index.ts';

const MEDIA_TYPES = { csv: 'text/csv', jsonl: 'application/jsonl' } as const;

/** `?format=csv` or `jsonl`, and the filters of the page. */
export const GET = route({ may: 'audit.read' }, ({ request, actor }) => {
  const { searchParams } = new URL(request.url);
  const format = EXPORT_FORMATS.find((one) => one === searchParams.get('format'));
  if (format === undefined) throw new AppError('bad_request', 'Set `format` to csv or jsonl.');
  const pieces = exportAudit(actor, parseAuditFilter(searchParams), format);
  const day = new Date().toISOString().slice(0, 10);
  return serveStream(pieces, { filename: `audit-log-${day}.${format}`, mediaType: MEDIA_TYPES[format] });
});
