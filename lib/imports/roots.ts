import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { type Actor, authorize } from '../accounts/index.ts';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { detectLayout, skipFolder } from './layouts/index.ts';
import type { ImportFolder } from './types.ts';

/** Real paths of the folders that the operator allows. One that is not there is none. */
export async function listRoots(): Promise<string[]> {
  const roots = await Promise.all(config().importRoots.map((path) => realpath(path).catch(() => null)));
  return [...new Set(roots.filter((path) => path !== null))];
}

/**
 * The real path of a folder that may be imported. Throws AppError `not_found` for every other, whether it is there or not:
 * the answer says nothing of what lies elsewhere on the machine.
 */
export async function requireImportFolder(path: string): Promise<string> {
  const real = path.includes('\0') ? null : await realpath(path).catch(() => null);
  const roots = await listRoots();
  if (real === null || !roots.some((root) => real === root || real.startsWith(root + sep)))
    throw new AppError(
      'not_found',
      'Folder not found, or not allowed for imports. Add it or a folder above it to WEIGHHOUSE_IMPORT_ROOTS.',
    );
  return real;
}

/** The folders below one that may be imported, or without one the folders that the operator allows. */
export async function listImportFolders(actor: Actor, path: string | null): Promise<ImportFolder> {
  authorize(actor, 'imports.manage');
  const roots = await listRoots();
  if (path === null || path === '')
    return { path: null, parent: null, layout: null, folders: roots.map((root) => ({ name: root, path: root })) };
  const real = await requireImportFolder(path);
  const entries = await readFolder(real);
  const folders = entries
    .filter((entry) => entry.isDirectory() && skipFolder(entry.name) === null)
    .map(({ name }) => ({ name, path: join(real, name) }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true, sensitivity: 'base' }));
  const isRoot = roots.includes(real);
  return { path: real, parent: isRoot ? '' : dirname(real), layout: await detectLayout(real), folders };
}

async function readFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new AppError('forbidden', `Folder ${basename(path)} cannot be read (${error.code}). Check its permissions.`);
  }
}
