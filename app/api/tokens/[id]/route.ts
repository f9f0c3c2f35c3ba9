import { actorOfRequest, requireSignedIn, revokeApiToken } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

export const DELETE = route<{ id: string }>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  requireSignedIn(actor);
  await revokeApiToken(actor.id, id);
  return new Response(null, { status: 204 });
});
