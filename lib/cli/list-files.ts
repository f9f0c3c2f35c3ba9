import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { modelEnding } from '#scanner/model-files.ts';

const CIRCLE = 'Its symbolic links form a loop.';

export interface ListedFile {
  path: string;
  /** Why it cannot be read; null where it can. */
  problem: string | null;
}

/**
 * Files to work on, in the order they were named. A folder stands for the model files in it and below; a file that was
 * named itself is taken whatever it is called. What cannot be read is listed with the reason.
 */
export async function* listFiles(paths: readonly string[]): AsyncGenerator<ListedFile> {
  for (const path of paths) yield* list(path, true, new Set());
}

async function* list(path: string, named: boolean, above: ReadonlySet<string>): AsyncGenerator<ListedFile> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      const real = await realpath(path);
      if (above.has(real)) {
        yield { path, problem: CIRCLE };
        return;
      }
      const within = new Set(above).add(real);
      const names = (await readdir(path)).sort();
      for (const name of names) yield* list(join(path, name), false, within);
    } else if (!found.isFile()) {
      if (named) yield { path, problem: 'Not a file or folder.' };
    } else if (named || modelEnding(path) !== null) {
      yield { path, problem: null };
    }
  } catch (error) {
    yield { path, problem: explain(error as NodeJS.ErrnoException) };
  }
}

/** A sentence for a system error. */
export function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'File not found.';
  if (code === 'EACCES' || code === 'EPERM') return 'Permission denied.';
  if (code === 'ELOOP') return CIRCLE;
  if (code === 'EISDIR') return 'This is a folder.';
  if (code === 'ENOSPC') return 'The disk is full.';
  if (code === 'EROFS') return 'The disk is read-only.';
  return message;
}
