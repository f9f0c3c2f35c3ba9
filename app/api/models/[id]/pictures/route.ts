import { json, parseId, route } from '#lib/http/index.ts';
import { MAX_PICTURE_BYTES } from '#lib/pictures/index.ts';
import { uploadPicture } from '#lib/previews/index.ts';

export const POST = route<{ id: string }>(
  { may: 'picture.upload', body: MAX_PICTURE_BYTES },
  async ({ request, params, actor }) => {
    const filename = new URL(request.url).searchParams.get('filename') ?? '';
    const read = () => request.bytes();
    return json(await uploadPicture(actor, parseId(params.id), { read, filename }), { status: 201 });
  },
);
