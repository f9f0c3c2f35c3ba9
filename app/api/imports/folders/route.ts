import { json, route } from '#lib/http/index.ts';
import { listImportFolders } from '#lib/imports/index.ts';

export const GET = route({ may: 'imports.manage' }, async ({ request, actor }) =>
  json(await listImportFolders(actor, new URL(request.url).searchParams.get('path'))),
);
