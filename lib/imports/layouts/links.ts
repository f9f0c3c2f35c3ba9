import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { skipFolder } from './skipped-folders.ts';
import { explainError } from './stat-files.ts';
import type { PassedOverReason } from './types.ts';

export type LinkTarget = { real: string } | { why: PassedOverReason; detail?: string };

/** Where symbolic links may lead, and which folders are walked already. Paths are real ones, without links. */
export class Links {
  readonly #allowed: string[];
  /** Real paths of folders that are walked with everything below. */
  readonly #trees: string[];

  constructor(root: string, allowed: readonly string[]) {
    this.#allowed = [root, ...allowed];
    this.#trees = [root];
  }

  /** True below the root and the allowed folders. */
  isAllowed(real: string): boolean {
    return this.#allowed.some((folder) => isWithin(real, folder));
  }

  /** Where a link leads, if it may be followed. */
  async resolve(path: string): Promise<LinkTarget> {
    const target = await resolveLink(path);
    return 'real' in target && !this.isAllowed(target.real) ? { why: 'link-outside' } : target;
  }

  /**
   * Why a link in a folder to another one is not walked under its name; null where it is. What lies in a folder that is
   * walked anyway is found there.
   */
  addLink(real: string, parent: string): PassedOverReason | null {
    return isWithin(parent, real) ? 'link-loop' : this.addTree(real);
  }

  /** True for a folder that is walked by a link to it: then not a second time by its own name. */
  isTree(real: string): boolean {
    return this.#trees.indexOf(real) > 0;
  }

  /** Adds a folder that is walked with everything below; or why it is not allowed, or walked already. */
  addTree(real: string): PassedOverReason | null {
    if (!this.isAllowed(real)) return 'outside-roots';
    if (this.#trees.some((tree) => isReached(real, tree))) return 'link-seen';
    this.#trees.push(real);
    return null;
  }
}

/** A path without symbolic links. */
export async function resolveLink(path: string): Promise<LinkTarget> {
  try {
    return { real: await realpath(path) };
  } catch (error) {
    const { why, ...rest } = explainError(error, path);
    return { why: why === 'vanished' ? 'link-broken' : why, ...rest };
  }
}

/** True for a folder itself and everything below. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** True where the walk through a tree comes to a path: no folder on the way is one that it passes over. */
function isReached(path: string, tree: string): boolean {
  return (
    isWithin(path, tree) &&
    relative(tree, path)
      .split(sep)
      .every((name) => name === '' || skipFolder(name) === null)
  );
}
