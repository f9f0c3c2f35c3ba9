import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { markerOf } from './place-file.ts';

/** A lease that nobody renewed for so long is one of a process that died. */
const VALID = 120_000;
const RENEW_EVERY = 30_000;

/**
 * Says to all processes that share the folder, on any machine, that a file is in use, until it is released. Throws the
 * system's error where the folder cannot be written to.
 */
export async function leaseFile(path: string): Promise<{ release(): Promise<void> }> {
  const lease = `${leasePrefix(path)}${randomUUID()}`;
  await writeFile(lease, '');
  const renewal = setInterval(() => {
    const now = new Date();
    utimes(lease, now, now).catch(() => undefined);
  }, RENEW_EVERY);
  renewal.unref();
  return {
    async release() {
      clearInterval(renewal);
      const now = new Date();
      // The oldest go first: by when they were last used.
      await utimes(markerOf(path), now, now).catch(() => undefined);
      await rm(lease, { force: true });
    },
  };
}

/** Whether any process uses a file. Leases of processes that died are removed. */
export async function isLeased(path: string): Promise<boolean> {
  const prefix = basename(leasePrefix(path));
  const names = (await readdir(dirname(path)).catch(() => [])).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const lease = join(dirname(path), name);
    const age = Date.now() - ((await stat(lease).catch(() => null))?.mtimeMs ?? 0);
    if (age < VALID) return true;
    await rm(lease, { force: true });
  }
  return false;
}

function leasePrefix(path: string): string {
  return join(dirname(path), `.${basename(path)}.in-use-`);
}
