import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isSystemError } from '../errors.ts';
import { listKept } from '../opened-files.ts';

export type Presence = 'file' | 'missing' | 'outside' | 'not-a-file';

/** What lies at a path below the model's folder. Links may lead within it, and where Hugging Face's cache keeps its files. */
export function lookAt(root: string, path: string): Presence {
  const kept = listKept(root);
  if (kept !== null) return kept.includes(path) ? 'file' : 'missing';
  try {
    const whole = join(root, path);
    const stats = statSync(whole);
    const target = realpathSync(whole);
    const own = realpathSync(root);
    if (!isWithin(own, target) && !isCached(own, target)) return 'outside';
    return stats.isFile() ? 'file' : 'not-a-file';
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'missing';
    if (isSystemError(error, 'ELOOP')) return 'not-a-file';
    throw error;
  }
}

function isWithin(folder: string, target: string): boolean {
  const way = relative(folder, target);
  return way !== '..' && !way.startsWith(`..${sep}`) && way !== target;
}

/** `models--a--b/snapshots/REVISION` is a folder of links into `models--a--b/blobs`. */
function isCached(root: string, target: string): boolean {
  const parts = root.split(sep);
  const at = parts.lastIndexOf('snapshots');
  return (
    at > 0 && dirname(target) === join(parts.slice(0, at).join(sep), 'blobs') && /^[0-9a-f]+$/.test(basename(target))
  );
}
