import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets other work of the processor go before this process's. Linux keeps a priority for each thread, and threads of the
 * pool are there already; those that come later take theirs from the one that makes them.
 */
export function lowerPriority(): void {
  const priority = constants.priority.PRIORITY_BELOW_NORMAL;
  setPriority(priority);
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      setPriority(Number(thread), priority);
    } catch {
      // It ended meanwhile.
    }
  }
}
