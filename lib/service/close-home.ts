import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { log } from '../log.ts';

const FOLDERS = ['blobs', 'cache', 'incoming', 'scratch', 'uploads'];
/** All that the service makes in its data folder. */
const OWN: readonly string[] = [...FOLDERS, 'postgres', 'postgres-password', 'service.pid'];
/** What file systems and desktops leave in any folder. */
const NOBODYS = /^(?:\.|lost\+found$)/;
const OTHERS = 0o077;

/**
 * Makes the data folder, and closes it to other users of the machine: it holds models that nobody may see, unfinished uploads
 * and the password of the database. A folder with files of somebody else keeps its mode, and what the service has in it is
 * closed. Says in the log what was open. Rejects with the system's error where the folder cannot be made.
 */
export async function closeHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const names = await readdir(home);
  const isShared = names.some((name) => !OWN.includes(name) && !NOBODYS.test(name));
  if (isShared) for (const name of FOLDERS) await mkdir(join(home, name), { recursive: true, mode: 0o700 });
  const paths = isShared ? [...new Set([...FOLDERS, ...names.filter((name) => OWN.includes(name))])] : ['.'];
  for (const path of paths.map((name) => join(home, name)))
    if (await close(path))
      log('supervisor').warn({ path }, 'Other users of this machine could read this data. It is closed to them now.');
}

/** Whether it was open to others until now. What belongs to another user, as PostgreSQL's under root, is its own matter. */
async function close(path: string): Promise<boolean> {
  const { mode, uid } = await stat(path);
  if ((mode & OTHERS) === 0 || uid !== process.getuid?.()) return false;
  try {
    await chmod(path, mode & ~OTHERS & 0o7777);
    return true;
  } catch (error) {
    // A file system without modes.
    if (isSystemError(error, 'EPERM') || isSystemError(error, 'ENOTSUP')) return false;
    throw error;
  }
}
