import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { RemoteError } from './errors.ts';
import type { FetchLimits } from './limits.ts';
import { describeFailure } from './network-failure.ts';

interface Watched {
  host: string;
  limits: FetchLimits;
  maxBytes: number;
  signal: AbortSignal;
}

/** Bytes that wait for a slower reader, before the server is made to wait. */
const MAX_WAITING = 1024 * 1024;

/**
 * The body of an answer that ends with a RemoteError where it is too large, too slow, encoded or cut off. What came
 * before is handed over first: a download goes on after it.
 */
export function watchBody(message: IncomingMessage, watched: Watched): Readable {
  return new RemoteBody(message, watched);
}

class RemoteBody extends Readable {
  readonly #message: IncomingMessage;
  readonly #watched: Watched;
  readonly #stop = () => this.#finish(this.#watched.signal.reason);
  readonly #timer: NodeJS.Timeout;
  #pieces: Buffer[] = [];
  #waiting = 0;
  #received = 0;
  #inPeriod = 0;
  /** Whether the server had to wait in this period: that is no fault of its. */
  #paused = false;
  #wanted = false;
  #end: { failure: unknown } | null = null;

  constructor(message: IncomingMessage, watched: Watched) {
    // One piece at a time: an error drops what this stream itself holds.
    super({ highWaterMark: 1 });
    this.#message = message;
    this.#watched = watched;
    const { host, limits, signal } = watched;
    this.#timer = setInterval(() => this.#checkPeriod(), limits.periodMs);
    message.on('data', (piece: Buffer) => this.#take(piece));
    message.on('end', () => this.#finish(message.complete ? null : cutOff(host)));
    message.on('error', (error) => this.#finish(describeFailure({ host }, error)));
    message.on('close', () => this.#finish(message.complete ? null : cutOff(host)));
    // Who reads hears of it; an error that nobody waits for yet must not end the process.
    this.on('error', () => {});
    signal.addEventListener('abort', this.#stop, { once: true });
    const refusal = refuseBody(message, watched);
    if (signal.aborted) this.#stop();
    else if (refusal !== null) this.#finish(refusal);
  }

  override _read(): void {
    this.#wanted = true;
    this.#hand();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#close();
    this.#pieces = [];
    done(error);
  }

  #take(piece: Buffer): void {
    const { maxBytes, host } = this.#watched;
    if (this.#end !== null) return;
    this.#received += piece.length;
    this.#inPeriod += piece.length;
    if (this.#received > maxBytes) {
      this.#finish(tooLarge(host, maxBytes));
      return;
    }
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting > MAX_WAITING) {
      this.#paused = true;
      this.#message.pause();
    }
    this.#hand();
  }

  /** Hands over the next piece where one is wanted, and the end after the last. */
  #hand(): void {
    if (!this.#wanted) return;
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#wanted = false;
      this.#waiting -= piece.length;
      if (this.#waiting <= MAX_WAITING && this.#message.isPaused()) this.#message.resume();
      this.push(piece);
    } else if (this.#end !== null) {
      if (this.#end.failure === null) this.push(null);
      else this.destroy(this.#end.failure as Error);
    }
  }

  #checkPeriod(): void {
    const { host, limits } = this.#watched;
    if (!this.#paused && this.#inPeriod < limits.leastBytes)
      this.#finish(new RemoteError('too-slow', `${host} sends too slowly or has stopped sending.`));
    this.#inPeriod = 0;
    this.#paused = this.#message.isPaused();
  }

  /** Ends it after what has come: well where `failure` is null. The first end counts. */
  #finish(failure: unknown): void {
    if (this.#end !== null) return;
    this.#end = { failure };
    this.#close();
    this.#hand();
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#watched.signal.removeEventListener('abort', this.#stop);
    this.#message.destroy();
  }
}

function refuseBody({ headers }: IncomingMessage, { host, maxBytes }: Watched): RemoteError | null {
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
