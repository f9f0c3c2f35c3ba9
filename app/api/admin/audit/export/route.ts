import { Readable } from 'node:stream';
import { EXPORT_FORMATS, exportAudit, parseAuditFilter } from '#lib/admin/index.ts';
import { AppError } from '#lib/errors.ts';
import { route } from '#lib/http/index.ts';

const MEDIA_TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' } as const;

/** `?format=csv` or `jsonl`, and the filters of the page. */
export const GET = route({ may: 'audit.read' }, ({ request, actor }) => {
  const { searchParams } = new URL(request.url);
  const format = EXPORT_FORMATS.find((one) => one === searchParams.get('format'));
  if (format === undefined) throw new AppError('bad_request', 'Set `format` to csv or jsonl.');
  const pieces = exportAudit(actor, parseAuditFilter(searchParams), format);
  const day = new Date().toISOString().slice(0, 10);
  // Read no faster than the answer is taken.
  const stream = Readable.toWeb(Readable.from(pieces, { objectMode: false }));
  return new Response(stream as ReadableStream, {
    headers: {
      'cache-control': 'private, no-store',
      'content-disposition': `attachment; filename="audit-log-${day}.${format}"`,
      'content-type': MEDIA_TYPES[format],
      'x-content-type-options': 'nosniff',
    },
  });
});
