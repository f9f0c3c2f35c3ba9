import { actorOfRequest } from '#lib/accounts/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, route } from '#lib/http/index.ts';
import { listUploads } from '#lib/uploads/index.ts';

export const GET = route(async (request) => {
  const actor = await actorOfRequest(request);
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
  return json(await listUploads(actor));
});
