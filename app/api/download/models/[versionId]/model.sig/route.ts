import { findSignature } from '#lib/catalog/index.ts';
import { parseId, route, serveContent } from '#lib/http/index.ts';

const handle = route<{ versionId: string }>(
  { may: 'file.download', queryToken: true },
  async ({ request, params, actor }) => {
    const content = Buffer.from(await findSignature(actor, parseId(params.versionId)));
    return serveContent(request, { filename: 'model.sig', mediaType: 'text/plain', content, mayChange: true }).response;
  },
);

export { handle as GET, handle as HEAD };
