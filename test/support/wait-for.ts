import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { HANG_MS } from './limits.ts';

/**
 * Loads something again and again, with so many milliseconds between, until it is as wanted, and answers it. Throws with
 * the last state where it hangs.
 */
export async function waitFor<T>(
  load: () => T | Promise<T>,
  isDone: (loaded: T) => boolean,
  interval = 50,
): Promise<T> {
  const end = Date.now() + HANG_MS;
  for (;;) {
    const loaded = await load();
    if (isDone(loaded)) return loaded;
    if (Date.now() > end) throw new Error(`It did not get there: ${inspect(loaded, { depth: 4 })}`);
    await wait(interval);
  }
}
