import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, route, serveBlob } from '#lib/http/index.ts';
import { readPicture } from '#lib/previews/index.ts';

const handle = route<{ id: string }>(async (request, { id }) => {
  const thumbnail = await readPicture(await actorOfRequest(request), parseId(id), 'thumbnail');
  return (await serveBlob(request, thumbnail)).response;
});

export { handle as GET, handle as HEAD };
