import { findOriginal } from '#lib/catalog/index.ts';
import { parseId, route, serveBlob } from '#lib/http/index.ts';

const handle = route<{ id: string }>({ may: 'file.download', queryToken: true }, async ({ request, params, actor }) => {
  const original = await findOriginal(actor, parseId(params.id));
  return (await serveBlob(request, original)).response;
});

export { handle as GET, handle as HEAD };
