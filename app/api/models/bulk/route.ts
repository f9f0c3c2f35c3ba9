import { actorOfRequest } from '#lib/accounts/index.ts';
import { BULK_CHANGE, changeModels } from '#lib/catalog/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const POST = route(async (request) => {
  const actor = await actorOfRequest(request);
  return json(await changeModels(actor, BULK_CHANGE.parse(await readJson(request))));
});
