import { parseId, route, serveBlob } from '#lib/http/index.ts';
import { readPicture } from '#lib/previews/index.ts';

const handle = route<{ id: string }>({ may: 'file.download', queryToken: true }, async ({ request, params, actor }) => {
  const thumbnail = await readPicture(actor, parseId(params.id), 'thumbnail');
  return (await serveBlob(request, thumbnail)).response;
});

export { handle as GET, handle as HEAD };
