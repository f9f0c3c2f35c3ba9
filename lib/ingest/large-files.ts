import { config } from '../config.ts';

/** From this size on a file takes a disk and a core for seconds, and the memory of a conversion. */
const LARGE_BYTES = 64 * 1024 * 1024;

let running = 0;
const waiting: (() => void)[] = [];

/** Does the work on a file of this size: at once where it is small, and of large ones as many at a time as the settings say. */
export async function runBySize<T>(size: number | bigint, work: () => Promise<T>): Promise<T> {
  if (size < LARGE_BYTES) return await work();
  if (running >= config().workers) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    // Its place goes to the next one.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
