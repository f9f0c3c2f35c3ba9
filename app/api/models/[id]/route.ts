import { actorOfRequest } from '#lib/accounts/index.ts';
import { deleteModel, editModel, getModel, MODEL_PATCH } from '#lib/catalog/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, parseId, readJson, route } from '#lib/http/index.ts';

type Params = { id: string };

export const GET = route<Params>(async (request, { id }) => {
  const model = await getModel(await actorOfRequest(request), parseId(id));
  if (model === null) throw new AppError('not_found', 'Model not found.');
  return json(model);
});

export const PATCH = route<Params>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  await editModel(actor, parseId(id), MODEL_PATCH.parse(await readJson(request)));
  return json(await getModel(actor, parseId(id)));
});

export const DELETE = route<Params>(async (request, { id }) => {
  await deleteModel(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 204 });
});
