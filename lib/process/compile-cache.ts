import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { isCompiled } from '#scanner/program-file.ts';

/**
 * The folder in which V8 keeps what it compiled of the program, which child processes share with this one; null where
 * there is none, as in a program that is not compiled. What starts the program names it (scripts/compile-cache.mjs).
 */
export function compileCacheFolder(): string | null {
  const own = getCompileCacheDir();
  // Node keeps each of its versions apart, in a folder below.
  return own === undefined || !isCompiled() ? null : dirname(own);
}
