import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, parseId, readJson, route, serveBlob } from '#lib/http/index.ts';
import { deletePicture, flagPicture, PICTURE_PATCH, readPicture } from '#lib/previews/index.ts';

type Params = { id: string };

const handle = route<Params>(async (request, { id }) => {
  const picture = await readPicture(await actorOfRequest(request), parseId(id), 'picture');
  return (await serveBlob(request, picture)).response;
});

export { handle as GET, handle as HEAD };

export const PATCH = route<Params>(async (request, { id }) => {
  const { nsfw } = PICTURE_PATCH.parse(await readJson(request));
  return json(await flagPicture(await actorOfRequest(request), parseId(id), nsfw));
});

export const DELETE = route<Params>(async (request, { id }) => {
  await deletePicture(await actorOfRequest(request), parseId(id));
  return new Response(null, { status: 204 });
});
