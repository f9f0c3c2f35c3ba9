import { deleteModel, editModel, getModel, MODEL_PATCH } from '#lib/catalog/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, parseId, readJson, route } from '#lib/http/index.ts';

type Params = { id: string };

export const GET = route<Params>({ may: 'catalog.read' }, async ({ params, actor }) => {
  const model = await getModel(actor, parseId(params.id));
  if (model === null) throw new AppError('not_found', 'Model not found.');
  return json(model);
});

export const PATCH = route<Params>({ may: 'model.edit' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  await editModel(actor, id, MODEL_PATCH.parse(await readJson(request)));
  return json(await getModel(actor, id));
});

export const DELETE = route<Params>({ may: 'model.delete' }, async ({ params, actor }) => {
  await deleteModel(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});
