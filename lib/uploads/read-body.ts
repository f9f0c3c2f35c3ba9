import type { Readable } from 'node:stream';
import { ERRORS } from '@tus/server';

/**
 * Hands over what a stream brings, and reads no further while `push` has something to wait for. Resolves at its end, or
 * when `stop` is aborted, leaving the rest unread. Rejects where the stream breaks or `push` fails.
 */
export function readBody(
  source: Readable,
  push: (piece: Buffer<ArrayBuffer>) => Promise<void> | undefined,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      source.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      stop.removeEventListener('abort', onEnd);
      source.pause();
      finish();
    };
    const onEnd = () => end(resolve);
    const onBroken = () => end(() => reject(ERRORS.ABORTED));
    const onData = (piece: Buffer<ArrayBuffer>) => {
      const wait = push(piece);
      if (wait === undefined) return;
      source.pause();
      wait.then(
        () => source.resume(),
        (error: unknown) => end(() => reject(error as Error)),
      );
    };
    if (stop.aborted) return resolve();
    stop.addEventListener('abort', onEnd, { once: true });
    source.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}
