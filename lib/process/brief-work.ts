import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/** Bytes. Files of no more are done with before optimised code would pay, which takes time and 10 MiB. */
const BRIEF = 4 * 1024 * 1024;
const COMPILERS = ['turbofan', 'maglev'];

/**
 * Leaves V8's slower compilers out where so many bytes of files are but a moment's work. Called once the program is
 * loaded, because what was compiled under other flags is not taken from a cache, neither ours nor Node's own; and for the
 * same reason taken back at the end, when the cache is written.
 */
export function beBrief(bytes: number): void {
  if (bytes > BRIEF) return;
  for (const compiler of COMPILERS) setFlagsFromString(`--no-${compiler}`);
  process.once('exit', () => {
    for (const compiler of COMPILERS) setFlagsFromString(`--${compiler}`);
  });
}

/** Bytes of files together; those that are not there have none. */
export function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
