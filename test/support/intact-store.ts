import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Looks at every blob of a data folder, whichever way it came there: a read-only file of its own, whose SHA-256 is its
 * name, and which no handle of this process can change. Returns how many there are. Throws on the first that is not.
 */
export function checkStore(home: string): number {
  const store = join(home, 'blobs');
  if (!existsSync(store)) return 0;
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const blobs = files.filter(
    ({ parentPath }) => !['incoming', 'mismatched'].includes(parentPath.slice(store.length + 1)),
  );
  const writable = writableInodes();
  for (const { parentPath, name } of blobs) {
    const path = join(parentPath, name);
    const { mode, nlink, ino } = statSync(path);
    const faults = [
      createHash('sha256').update(readFileSync(path)).digest('hex') === name ? null : 'has another SHA-256',
      (mode & 0o222) === 0 ? null : 'can be written',
      nlink === 1 ? null : 'has another name',
      writable.has(ino) ? 'is open for writing' : null,
    ].filter((fault) => fault !== null);
    if (faults.length > 0) throw new Error(`The blob ${name} ${faults.join(', ')}.`);
  }
  return blobs.length;
}

/** The files that this process has open for writing, where the system tells. */
function writableInodes(): Set<number> {
  const inodes = new Set<number>();
  if (!existsSync('/proc/self/fd')) return inodes;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0';
      const isFile = readlinkSync(`/proc/self/fd/${fd}`).startsWith('/');
      if (isFile && (Number.parseInt(flags, 8) & 3) !== 0) inodes.add(statSync(`/proc/self/fd/${fd}`).ino);
    } catch {
      // The handle that listed the folder is closed.
    }
  }
  return inodes;
}
