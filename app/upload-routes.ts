// Uploads, answered before Next: it would pass every piece of a file through several more streams.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendResponse, toWebRequest } from '#lib/http/index.ts';
import { withNodeBody } from '#lib/uploads/index.ts';
import { DELETE, HEAD, OPTIONS, PATCH, POST } from './api/uploads/[[...path]]/route.ts';

const METHODS = new Map(Object.entries({ DELETE, HEAD, OPTIONS, PATCH, POST }));
const PATH = /^\/api\/uploads(\/[^/]+)?$/;

/** Answers a request for an upload at a path (`readPath`). False leaves it, unread, to Next: it is for something else. */
export async function answerUpload(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  path: string,
): Promise<boolean> {
  const handler = METHODS.get(incoming.method ?? '');
  // A body of unknown length is held to that of its file where tus reads it.
  const hasLength = incoming.headers['transfer-encoding'] === undefined;
  if (!PATH.test(path) || !hasLength || handler === undefined) return false;
  const params = Promise.resolve({});
  const response = await withNodeBody(incoming, () => handler(toWebRequest(incoming), { params }));
  await sendResponse(response, outgoing);
  return true;
}
