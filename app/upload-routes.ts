// Uploads, answered before Next: it would pass every piece of a file through several more streams.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendResponse, toWebRequest } from '#lib/http/index.ts';

const METHODS = ['DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'POST'] as const;
const PATH = /^\/api\/uploads(\/[^/]+)?$/;

/** Answers a request for an upload at a path (`readPath`). False leaves it, unread, to Next: it is for something else. */
export async function answerUpload(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  path: string,
): Promise<boolean> {
  const method = METHODS.find((name) => name === incoming.method);
  // A body of unknown length is held to that of its file where tus reads it.
  const hasLength = incoming.headers['transfer-encoding'] === undefined;
  if (!PATH.test(path) || !hasLength || method === undefined) return false;
  // Loaded when first asked for: the pages have all of it in a copy of their own.
  const { withNodeBody } = await import('#lib/uploads/index.ts');
  const handler = (await import('./api/uploads/[[...path]]/route.ts'))[method];
  const params = Promise.resolve({});
  const response = await withNodeBody(incoming, () => handler(toWebRequest(incoming), { params }));
  await sendResponse(response, outgoing);
  return true;
}
