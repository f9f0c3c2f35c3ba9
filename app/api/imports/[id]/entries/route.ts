import { json, parseId, route, serveStream } from '#lib/http/index.ts';
import { exportImportEntries, IMPORT_ENTRIES, listImportEntries } from '#lib/imports/index.ts';

/** `?state=refused`, from the entry `after` on; all of them as a spreadsheet with `format=csv`. */
export const GET = route<{ id: string }>({ may: 'imports.manage' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  const { format, ...wanted } = IMPORT_ENTRIES.parse(Object.fromEntries(new URL(request.url).searchParams));
  if (format === 'json') return json(await listImportEntries(actor, id, wanted));
  const filename = `import-${id}-${wanted.state}.csv`;
  return serveStream(await exportImportEntries(actor, id, wanted.state), { filename, mediaType: 'text/csv' });
});
