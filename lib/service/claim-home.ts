import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../errors.ts';
import { isRunning } from '../process/index.ts';
import { closeHome } from './close-home.ts';

/**
 * Takes the data folder for this process, so that a second service on the same folder cannot stop the first one's
 * database. Returns what gives it back. Throws AppError `unavailable` while another service runs on it, and where the
 * folder cannot be written. What a killed service left behind counts for nothing.
 */
export async function claimHome(home: string): Promise<() => void> {
  const path = join(home, 'service.pid');
  try {
    await closeHome(home);
    const owner = readOwner(path);
    if (owner !== null && owner !== process.pid && isService(owner)) {
      throw new AppError(
        'unavailable',
        `Another Weighhouse process (${owner}) already uses the data folder ${home}. Stop it first, or set WEIGHHOUSE_HOME to another folder.`,
      );
    }
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code } = error;
    throw new AppError(
      'unavailable',
      code === 'ENOSPC'
        ? `The disk with the data folder ${home} is full. Free some space and start again.`
        : `The data folder ${home} is not writable (${code}). Set WEIGHHOUSE_HOME to a writable folder.`,
    );
  }
  return () => {
    if (readOwner(path) === process.pid) rmSync(path, { force: true });
  };
}

function readOwner(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return pid > 0 ? pid : null;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The service's program, as source and compiled. */
const PROGRAM = /\/service\/main\.[jt]s/;

/** A process id may belong to somebody else by now; where the system tells, its command line must be a service's. */
function isService(pid: number): boolean {
  if (!isRunning(pid)) return false;
  try {
    return PROGRAM.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}
