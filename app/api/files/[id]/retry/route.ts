import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, route } from '#lib/http/index.ts';
import { retryFile } from '#lib/ingest/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  await retryFile(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 202 });
});
