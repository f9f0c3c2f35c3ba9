import { readSidecar } from '#lib/catalog/index.ts';
import { parseId, route, serveContent } from '#lib/http/index.ts';

const handle = route<{ id: string }>(
  { may: 'file.download', queryToken: true },
  async ({ request, params, actor }) => serveContent(request, await readSidecar(actor, parseId(params.id))).response,
);

export { handle as GET, handle as HEAD };
