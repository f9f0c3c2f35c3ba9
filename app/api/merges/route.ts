import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';
import { listMerges, MERGE_FORM, requestMerge } from '#lib/merges/index.ts';

export const GET = route(async (request) => json(await listMerges(await actorOfRequest(request))));

export const POST = route(async (request) => {
  const actor = await actorOfRequest(request);
  return json(await requestMerge(actor, MERGE_FORM.parse(await readJson(request))), { status: 202 });
});
