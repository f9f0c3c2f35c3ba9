import { Readable } from 'node:stream';
import { json, parseId, route } from '#lib/http/index.ts';
import { exportImportEntries, IMPORT_ENTRIES, listImportEntries } from '#lib/imports/index.ts';

/** `?state=refused`, from the entry `after` on; all of them as a spreadsheet with `format=csv`. */
export const GET = route<{ id: string }>({ may: 'imports.manage' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  const { format, ...wanted } = IMPORT_ENTRIES.parse(Object.fromEntries(new URL(request.url).searchParams));
  if (format === 'json') return json(await listImportEntries(actor, id, wanted));
  const pieces = exportImportEntries(actor, id, wanted.state);
  // Read no faster than the answer is taken.
  const stream = Readable.toWeb(Readable.from(pieces, { objectMode: false }));
  return new Response(stream as ReadableStream, {
    headers: {
      'cache-control': 'private, no-store',
      'content-disposition': `attachment; filename="import-${id}-${wanted.state}.csv"`,
      'content-type': 'text/csv; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
  });
});
