import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { RemoteError } from './errors.ts';
import type { FetchLimits } from './limits.ts';
import { describeFailure } from './network-failure.ts';

interface Watched {
  host: string;
  limits: FetchLimits;
  maxBytes: number;
  signal: AbortSignal;
}

/** The body of an answer that ends with a RemoteError where it is too large, too slow, encoded or cut off. */
export function watchBody(message: IncomingMessage, { host, limits, maxBytes, signal }: Watched): Readable {
  const body = new PassThrough({ highWaterMark: 1024 * 1024 });
  const refused = refuseBody(message, host, maxBytes);
  let received = 0;
  let inPeriod = 0;
  let waited = false;
  const timer = setInterval(() => {
    // Whoever reads may be slower than the server, which is no fault of that.
    if (!waited && inPeriod < limits.leastBytes)
      fail(new RemoteError('too-slow', `${host} sends too slowly or has stopped sending.`));
    inPeriod = 0;
    waited = body.writableNeedDrain;
  }, limits.periodMs);
  const end = () => {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
  };
  const fail = (error: unknown) => {
    end();
    message.destroy();
    body.destroy(error as Error);
  };
  const stop = () => fail(signal.reason);

  message.on('data', (piece: Buffer) => {
    received += piece.length;
    inPeriod += piece.length;
    if (received > maxBytes) return fail(tooLarge(host, maxBytes));
    if (!body.write(piece)) {
      waited = true;
      message.pause();
    }
  });
  body.on('drain', () => message.resume());
  message.on('end', () => {
    if (!message.complete) return fail(cutOff(host));
    end();
    body.end();
  });
  message.on('error', (error) => fail(describeFailure({ host }, error)));
  message.on('close', () => {
    if (!message.complete) fail(cutOff(host));
  });
  body.on('close', () => {
    end();
    message.destroy();
  });
  // Who reads hears of it; an error that nobody waits for yet must not end the process.
  body.on('error', () => {});
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  if (refused !== null) fail(refused);
  return body;
}

function refuseBody({ headers }: IncomingMessage, host: string, maxBytes: number): RemoteError | null {
  const encodings = (headers['content-encoding'] ?? 'identity').toLowerCase().trim();
  const transfer = (headers['transfer-encoding'] ?? 'chunked').toLowerCase().trim();
  if ((encodings !== 'identity' && encodings !== '') || transfer !== 'chunked')
    return new RemoteError('encoding', `${host} sent the file compressed, which it was asked not to do.`);
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(host, maxBytes) : null;
}

function tooLarge(host: string, maxBytes: number): RemoteError {
  return new RemoteError('too-large', `${host} sends more than the ${maxBytes} bytes that are accepted.`);
}

function cutOff(host: string): RemoteError {
  return new RemoteError('cut-off', `${host} closed the connection before the end.`);
}
