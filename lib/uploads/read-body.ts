import type { Readable } from 'node:stream';
import { ERRORS } from '@tus/server';

export interface BodyLimits {
  /** Milliseconds in which the next piece must come. */
  idle: number;
  /** Milliseconds in which all of it must come. What is left comes with the next request. */
  whole: number;
}

/** A day is enough for 64 GiB at 6 Mbit/s; a client that is slower goes on with another request. */
const LIMITS: BodyLimits = { idle: 2 * 60_000, whole: 24 * 3600_000 };

/**
 * Hands over what a stream brings, and reads no further while `push` has something to wait for. Resolves at its end, or
 * when `stop` is aborted, leaving the rest unread. Rejects where the stream breaks, takes longer than `limits`, or `push`
 * fails. A body of unknown length may never end: without limits its request would hold the upload for ever.
 */
export function readBody(
  source: Readable,
  push: (piece: Buffer<ArrayBuffer>) => Promise<void> | undefined,
  stop: AbortSignal,
  limits = LIMITS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onLate = () => end(() => reject(new LateBody()));
    const whole = setTimeout(onLate, limits.whole);
    let idle = setTimeout(onLate, limits.idle);
    let isOver = false;
    const end = (finish: () => void) => {
      isOver = true;
      clearTimeout(idle);
      clearTimeout(whole);
      source.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      stop.removeEventListener('abort', onEnd);
      source.pause();
      finish();
    };
    const onEnd = () => end(resolve);
    const onBroken = () => end(() => reject(ERRORS.ABORTED));
    const onData = (piece: Buffer<ArrayBuffer>) => {
      const wait = push(piece);
      idle.refresh();
      if (wait === undefined) return;
      source.pause();
      // What the writing takes is not the client's time.
      clearTimeout(idle);
      wait.then(
        () => {
          if (isOver) return;
          idle = setTimeout(onLate, limits.idle);
          source.resume();
        },
        (error: unknown) => end(() => reject(error as Error)),
      );
    };
    if (stop.aborted) return end(resolve);
    stop.addEventListener('abort', onEnd, { once: true });
    source.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

/** As tus answers it. Clients that hear it go on with what is missing. */
class LateBody extends Error {
  readonly status_code = 408;
  readonly body = 'The request took too long. Resume the upload.\n';
  override name = 'LateBody';

  constructor() {
    super('The body of an upload took too long.');
  }
}
