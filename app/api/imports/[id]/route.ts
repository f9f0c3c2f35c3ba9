import { json, parseId, readJson, route } from '#lib/http/index.ts';
import { forgetImport, getImport, IMPORT_SCHEDULE, setImportSchedule } from '#lib/imports/index.ts';

type Params = { id: string };

export const GET = route<Params>({ may: 'imports.manage' }, async ({ params, actor }) =>
  json(await getImport(actor, parseId(params.id))),
);

export const PATCH = route<Params>({ may: 'imports.manage' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  await setImportSchedule(actor, id, IMPORT_SCHEDULE.parse(await readJson(request)));
  return json(await getImport(actor, id));
});

export const DELETE = route<Params>({ may: 'imports.manage' }, async ({ params, actor }) => {
  await forgetImport(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});
