import { json, parseId, readJson, route } from '#lib/http/index.ts';
import { getImport, IMPORT_STEP, stepImport } from '#lib/imports/index.ts';

export const POST = route<{ id: string }>({ may: 'imports.manage' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  await stepImport(actor, id, IMPORT_STEP.parse(await readJson(request)).step);
  return json(await getImport(actor, id));
});
