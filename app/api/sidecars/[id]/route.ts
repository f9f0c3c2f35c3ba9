import { actorOfRequest } from '../../../../lib/accounts/index.ts';
import { readSidecar } from '../../../../lib/catalog/index.ts';
import { parseId, route } from '../../../../lib/http/index.ts';

/** Pictures are shown; anything else is text to save. Nothing in it can run in the page's name: next.config.js. */
export const GET = route<{ id: string }>(async (request, { id }) => {
  const { filename, mediaType, content } = await readSidecar(await actorOfRequest(request), parseId(id));
  const isPicture = mediaType.startsWith('image/');
  return new Response(new Uint8Array(content), {
    headers: {
      'cache-control': 'private, max-age=3600',
      'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(filename)}`,
      'content-type': isPicture ? mediaType : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
  });
});
