import { actorOfRequest } from '#lib/accounts/index.ts';
import { findOriginal } from '#lib/catalog/index.ts';
import { parseId, route, serveBlob } from '#lib/http/index.ts';

const handle = route<{ id: string }>(async (request, { id }) => {
  const original = await findOriginal(await actorOfRequest(request), parseId(id));
  return (await serveBlob(request, original)).response;
});

export { handle as GET, handle as HEAD };
