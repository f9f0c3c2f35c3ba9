import { actorOfRequest, revokeApiToken } from '#lib/accounts/index.ts';
import { AppError } from '#lib/errors.ts';
import { route } from '#lib/http/index.ts';

export const DELETE = route<{ id: string }>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
  await revokeApiToken(actor.id, id);
  return new Response(null, { status: 204 });
});
