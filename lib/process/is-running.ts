import { readFileSync } from 'node:fs';
import { isSystemError } from '#scanner/errors.ts';

/** Whether a process of this machine runs, whoever it belongs to. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and belongs to another user.
    if (isSystemError(error, 'ESRCH')) return false;
  }
  return !isZombie(pid);
}

/** A process that has ended still takes signals until its parent asks for it, which in many containers nobody does. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
