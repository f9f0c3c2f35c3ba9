import { constants, enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '#scanner/program-file.ts';

/** V8's cache of compiled code: beside the bundle, so that it goes with it. */
const BESIDE = ['dist', 'cache'];

/**
 * Lets V8 keep what it compiles of the program, and take it from there the next time: beside the bundle, or with the
 * person who runs it where that folder belongs to somebody else. Without either the program only starts more slowly.
 */
export function openCompileCache(): void {
  const { status } = enableCompileCache(join(projectRoot(), ...BESIDE));
  if (status !== constants.compileCacheStatus.FAILED || process.permission !== undefined) return;
  enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'weighhouse'));
}
