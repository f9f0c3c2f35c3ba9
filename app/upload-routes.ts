// Uploads, answered before Next: it would pass every piece of a file through several more streams.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
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
  if (!PATH.test(path) || method === undefined) return false;
  // Loaded when first asked for: the pages have all of it in a copy of their own.
  const { withNodeBody } = await import('#lib/uploads/index.ts');
  const handler = (await import('./api/uploads/[[...path]]/route.ts'))[method];
  const params = Promise.resolve({});
  const request = toWebRequest(incoming);
  // A body of unknown length is held to that of its file where tus reads it.
  const hasLength = incoming.headers['transfer-encoding'] === undefined;
  const response = hasLength
    ? await withNodeBody(incoming, () => handler(request, { params }))
    : await handler(withBody(request, incoming), { params });
  await sendResponse(response, outgoing);
  return true;
}

function withBody(request: Request, incoming: IncomingMessage): Request {
  if (request.method === 'HEAD') return request;
  const streamed: RequestInit & { duplex: 'half' } = { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' };
  return new Request(request, streamed);
}
