import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/** Bytes. A file of no more is done with before optimised code would pay, which takes time and 10 MiB. */
const BRIEF = 4 * 1024 * 1024;

/**
 * Leaves V8's slowest compiler out where the files of a command are but a moment's work. Called once the command is
 * loaded, because what was compiled under other flags is not taken from a cache, neither ours nor Node's own; and for the
 * same reason taken back at the end, when the cache is written.
 */
export function beBrief(paths: readonly string[]): void {
  const size = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  if (size > BRIEF) return;
  setFlagsFromString('--no-turbofan');
  process.once('exit', () => setFlagsFromString('--turbofan'));
}
