import { json, readJson, route } from '#lib/http/index.ts';
import { listImports, NEW_IMPORT, requestImport } from '#lib/imports/index.ts';

export const GET = route({ may: 'imports.manage' }, async ({ actor }) => json(await listImports(actor)));

export const POST = route({ may: 'imports.manage' }, async ({ request, actor }) =>
  json(await requestImport(actor, NEW_IMPORT.parse(await readJson(request))), { status: 202 }),
);
