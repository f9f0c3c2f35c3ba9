import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, route } from '#lib/http/index.ts';
import { disarmFile } from '#lib/ingest/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  await disarmFile(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 202 });
});
