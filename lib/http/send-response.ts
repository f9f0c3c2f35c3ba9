import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { isSystemError } from '#scanner/errors.ts';
import { log } from '../log.ts';
import { type OpenBlob, openBlob } from '../storage/index.ts';
import { errorResponse } from './answer.ts';
import { type FilePart, filePartOf } from './file-response.ts';
import { ReadBuffers } from './read-buffers.ts';
import { NO_PAGE_POLICY, SECURITY_HEADERS } from './security-headers.ts';
import { leaveToProxy } from './sendfile.ts';

/** Nothing that is sent from here is a page. */
const SENT_WITH_ALL = Object.entries({ ...SECURITY_HEADERS, 'Content-Security-Policy': NO_PAGE_POLICY });
const buffers = new ReadBuffers();

/**
 * Sends an answer from Node's own HTTP server, with each of its headers as it is. Resolves when everything is sent or the
 * client has gone; never throws.
 */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const part = filePartOf(response);
  if (part === undefined) return sendAnswer(response, outgoing);
  const left = leaveToProxy(response, part, outgoing.req);
  if (left !== null) return sendAnswer(left, outgoing);
  if (outgoing.req.method === 'HEAD') return sendAnswer(response, outgoing);
  let blob: OpenBlob;
  try {
    blob = await openBlob(part);
  } catch (error) {
    return sendAnswer(errorResponse(error), outgoing);
  }
  try {
    writeHead(response, outgoing);
    await sendPart(blob, part, outgoing);
    outgoing.end();
  } catch (error) {
    // Its length is sent, so a connection that is cut is the one way to say that this is not all.
    fail(outgoing, error);
  } finally {
    await blob[Symbol.asyncDispose]();
  }
}

async function sendAnswer(response: Response, outgoing: ServerResponse): Promise<void> {
  try {
    if (response.body === null) {
      writeHead(response, outgoing);
      outgoing.end();
    } else if (response.headers.has('content-length')) {
      writeHead(response, outgoing);
      await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
    } else {
      const body = Buffer.from(await response.arrayBuffer());
      outgoing.setHeader('content-length', body.length);
      writeHead(response, outgoing);
      outgoing.end(body);
    }
  } catch (error) {
    fail(outgoing, error);
  }
}

function writeHead({ status, headers }: Response, outgoing: ServerResponse): void {
  for (const [name, value] of SENT_WITH_ALL) outgoing.setHeader(name, value);
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  outgoing.writeHead(status);
}

function fail(outgoing: ServerResponse, error: unknown): void {
  const hasLeft =
    error instanceof ClientGone ||
    isSystemError(error, 'ERR_STREAM_PREMATURE_CLOSE') ||
    isSystemError(error, 'ERR_STREAM_UNABLE_TO_PIPE');
  outgoing.destroy();
  if (!hasLeft) log('http').error({ error: String(error) }, 'An answer was cut off.');
}

/**
 * Reads into a buffer that is used again once its bytes have gone to the system: streams would allocate each piece anew,
 * take smaller ones, and cost twice the processor time (`npm run bench:serve`). A client that reads slowly stops the reading.
 */
async function sendPart({ file, check }: OpenBlob, { start, end }: FilePart, outgoing: ServerResponse): Promise<void> {
  for (let position = start; position <= end; ) {
    const buffer = buffers.take();
    let isOurs = false;
    try {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position + 1), position);
      if (bytesRead === 0) throw new Error('The file ended before its size.');
      // Before the last piece, too: of a file that was changed meanwhile no answer is complete.
      await check();
      position += bytesRead;
      await write(outgoing, buffer.subarray(0, bytesRead));
      isOurs = true;
    } finally {
      if (isOurs) buffers.give(buffer);
      else buffers.drop();
    }
  }
}

/** Resolves when the system has taken the bytes. Throws `ClientGone` when nobody is there to take them. */
function write(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Node forgets the callback of what it could not begin to send.
    const onClose = () => reject(new ClientGone());
    if (outgoing.destroyed) return onClose();
    outgoing.once('close', onClose);
    outgoing.write(bytes, (error) => {
      outgoing.off('close', onClose);
      if (error) reject(new ClientGone({ cause: error }));
      else resolve();
    });
  });
}

/** Not an error of this side. */
class ClientGone extends Error {
  override name = 'ClientGone';
  constructor(options?: ErrorOptions) {
    super('The client has closed the connection.', options);
  }
}
