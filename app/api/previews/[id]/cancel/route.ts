import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, route } from '#lib/http/index.ts';
import { cancelPreview } from '#lib/previews/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  await cancelPreview(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 204 });
});
