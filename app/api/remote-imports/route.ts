import { json, readJson, route } from '#lib/http/index.ts';
import { listRemoteImports, NEW_REMOTE_IMPORT, requestRemoteImport } from '#lib/remote/index.ts';

export const GET = route({ may: 'upload.create' }, async ({ actor }) => json(await listRemoteImports(actor)));

export const POST = route({ may: 'upload.create' }, async ({ request, actor }) => {
  const { source } = NEW_REMOTE_IMPORT.parse(await readJson(request));
  return json(await requestRemoteImport(actor, source), { status: 202 });
});
