import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { modelEnding } from '#scanner/model-files.ts';

const CIRCLE = 'Its symbolic links form a loop.';

export interface ListedFile {
  path: string;
  /** Why it cannot be read; null where it can. */
  problem: string | null;
}

/**
 * Files to work on, in the order they were named. A folder stands for the model files in it and below; a file that was
 * named itself is taken whatever it is called, and `isWanted` says which others are, where that is not those. What cannot be read is listed with the reason.
 */
export function* listFiles(
  paths: readonly string[],
  isWanted = (path: string) => modelEnding(path) !== null,
): Generator<ListedFile> {
  for (const path of paths) yield* list(path, true, new Set(), isWanted);
}

function* list(
  path: string,
  named: boolean,
  above: ReadonlySet<string>,
  isWanted: (path: string) => boolean,
): Generator<ListedFile> {
  try {
    const found = statSync(path);
    if (found.isDirectory()) {
      const real = realpathSync(path);
      if (above.has(real)) {
        yield { path, problem: CIRCLE };
        return;
      }
      const within = new Set(above).add(real);
      const names = readdirSync(path).sort();
      for (const name of names) yield* list(join(path, name), false, within, isWanted);
    } else if (!found.isFile()) {
      if (named) yield { path, problem: 'Not a file or folder.' };
    } else if (named || isWanted(path)) {
      yield { path, problem: null };
    }
  } catch (error) {
    yield { path, problem: explain(error) };
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'File not found.',
  EACCES: 'Permission denied.',
  EPERM: 'Permission denied.',
  ELOOP: CIRCLE,
  EISDIR: 'This is a folder.',
  ENOSPC: 'The disk is full.',
  EROFS: 'The disk is read-only.',
};

/** Why a file could not be read or written, in a sentence: the error's own where the system did not refuse it. */
export function explain(error: unknown): string {
  const known = isSystemError(error) ? SENTENCES[error.code] : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}
