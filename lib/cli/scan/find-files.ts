import { type Dirent, existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '../list-files.ts';
import type { PoolFile } from './pool.ts';

/** Why a file that lies in a folder was not scanned, besides what it is. */
export type PlaceReason = 'git' | 'special' | 'too-deep';

/** A file to scan, one that is passed over where it lies, or one that cannot be read. */
export interface FoundFile extends PoolFile {
  /** It lies in a folder: whether it is a model is seen by its content. */
  isFound: boolean;
  passed?: PlaceReason;
  /** Where the link leads that it was reached by. */
  link?: string;
}

/** Folders in folders. */
const MAX_DEPTH = 100;
const CIRCLE = 'Its symbolic links form a loop.';

/** Files that were named, and all that lies in folders that were named: hidden ones too, and where links lead. */
export function* findFiles(path: string): Generator<FoundFile> {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) yield* findInFolder(path, [], 0);
    else if (stats.isFile()) yield { path, problem: null, isFound: false };
    else yield { path, problem: 'Not a file or folder.', isFound: false };
  } catch (error) {
    yield { path, problem: explain(error), isFound: false };
  }
}

function* findInFolder(folder: string, above: readonly string[], depth: number): Generator<FoundFile> {
  let entries: Dirent[];
  let real: string;
  try {
    real = realpathSync(folder);
    if (above.includes(real)) {
      yield { path: folder, problem: CIRCLE, isFound: true };
      return;
    }
    if (depth > MAX_DEPTH) {
      yield { path: folder, problem: null, isFound: true, passed: 'too-deep' };
      return;
    }
    entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    yield { path: folder, problem: explain(error), isFound: true };
    return;
  }
  for (const { name } of entries) yield* findEntry(join(folder, name), name, [...above, real], depth);
}

function* findEntry(path: string, name: string, above: readonly string[], depth: number): Generator<FoundFile> {
  try {
    const link = lstatSync(path).isSymbolicLink() ? { link: realpathSync(path) } : {};
    const stats = statSync(path);
    if (stats.isDirectory() && isGitFolder(path, name)) yield { path, problem: null, isFound: true, passed: 'git' };
    else if (stats.isDirectory()) yield* findInFolder(path, above, depth + 1);
    else if (stats.isFile()) yield { path, problem: null, isFound: true, ...link };
    else yield { path, problem: null, isFound: true, passed: 'special' };
  } catch (error) {
    yield { path, problem: explain(error), isFound: true };
  }
}

/** What git keeps: compressed copies of the files that lie next to it. A folder that is only called so is looked at. */
function isGitFolder(path: string, name: string): boolean {
  return name === '.git' && existsSync(join(path, 'HEAD')) && existsSync(join(path, 'objects'));
}
