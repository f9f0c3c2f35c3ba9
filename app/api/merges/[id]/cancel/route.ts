import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, route } from '#lib/http/index.ts';
import { cancelMerge } from '#lib/merges/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  await cancelMerge(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 204 });
});
