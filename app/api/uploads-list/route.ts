import { actorOfRequest, requireSignedIn } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';
import { listUploads } from '#lib/uploads/index.ts';

export const GET = route(async (request) => {
  const actor = await actorOfRequest(request);
  requireSignedIn(actor);
  return json(await listUploads(actor));
});
