import { json, parseId, readJson, route, serveBlob } from '#lib/http/index.ts';
import { deletePicture, flagPicture, PICTURE_PATCH, readPicture } from '#lib/previews/index.ts';

type Params = { id: string };

const handle = route<Params>({ may: 'file.download', queryToken: true }, async ({ request, params, actor }) => {
  const picture = await readPicture(actor, parseId(params.id), 'picture');
  return (await serveBlob(request, picture)).response;
});

export { handle as GET, handle as HEAD };

export const PATCH = route<Params>({ may: 'picture.flag' }, async ({ request, params, actor }) => {
  const { nsfw } = PICTURE_PATCH.parse(await readJson(request));
  return json(await flagPicture(actor, parseId(params.id), nsfw));
});

export const DELETE = route<Params>({ may: 'picture.delete' }, async ({ params, actor }) => {
  await deletePicture(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});
