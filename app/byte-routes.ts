// Answers with bytes of files, sent before Next: it would leave `Content-Length` out, and take several times as long.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BytePath, methodNotAllowed, sendResponse, toWebRequest } from '#lib/http/index.ts';

type Handler = (request: Request, context: { params: Promise<never> }) => Promise<Response>;
/** What a route's file exports: a handler for each method. */
type Handlers = Readonly<Record<'GET' | 'HEAD', Handler>>;

/** Loaded when they are first asked for: the pages have all of it, too, in a copy of their own. */
const ROUTES: Readonly<Record<BytePath, () => Promise<Handlers>>> = {
  '/api/download/models/:versionId': () => import('./api/download/models/[versionId]/route.ts'),
  '/api/download/models/:versionId/model.sig': () => import('./api/download/models/[versionId]/model.sig/route.ts'),
  '/api/files/:id/original': () => import('./api/files/[id]/original/route.ts'),
  '/api/files/:id/thumbnail': () => import('./api/files/[id]/thumbnail/route.ts'),
  '/api/pictures/:id': () => import('./api/pictures/[id]/route.ts'),
  '/api/pictures/:id/thumbnail': () => import('./api/pictures/[id]/thumbnail/route.ts'),
  '/api/sidecars/:id': () => import('./api/sidecars/[id]/route.ts'),
  '/api/blobs/:sha256': () => import('./api/blobs/[sha256]/route.ts'),
};

const PATTERNS = Object.entries(ROUTES).map(([path, load]) => ({
  pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
  load,
}));

/**
 * Answers a request for bytes at a path (`readPath`). False leaves it, unread, to Next: it is for something else, or by a
 * method that changes something.
 */
export async function answerBytes(incoming: IncomingMessage, outgoing: ServerResponse, path: string): Promise<boolean> {
  const { method = 'GET' } = incoming;
  for (const { pattern, load } of PATTERNS) {
    const found = pattern.exec(path);
    if (found === null || method === 'OPTIONS') continue;
    const handlers = await load();
    if (method === 'GET' || method === 'HEAD') {
      const params = Promise.resolve({ ...found.groups } as never);
      await sendResponse(await handlers[method](toWebRequest(incoming), { params }), outgoing);
      return true;
    }
    if (Object.hasOwn(handlers, method)) return false;
    await sendResponse(methodNotAllowed(Object.keys(handlers)), outgoing);
    return true;
  }
  return false;
}
