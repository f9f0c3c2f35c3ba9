import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, parseId, readBytes, route } from '#lib/http/index.ts';
import { MAX_PICTURE_BYTES } from '#lib/pictures/index.ts';
import { uploadPicture } from '#lib/previews/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  const filename = new URL(request.url).searchParams.get('filename') ?? '';
  const bytes = await readBytes(request, MAX_PICTURE_BYTES);
  return json(await uploadPicture(actor, parseId(id), { bytes, filename }), { status: 201 });
});
