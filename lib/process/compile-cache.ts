import { constants, enableCompileCache, getCompileCacheDir } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isCompiled, projectRoot } from '#scanner/program-file.ts';

/**
 * Lets V8 keep what it compiles of the bundle, and take it from there the next time: where the parent process keeps it,
 * else beside the bundle, so that it goes with it, else, where that folder belongs to somebody else, with the person who
 * runs the program. Without any of them it only starts more slowly.
 *
 * A process with few rights gives up the one to write there before it reads anything: a file that took it over could
 * otherwise leave compiled code for others. Node itself still writes what it compiled when the process ends.
 */
export function openCompileCache(): void {
  if (getCompileCacheDir() === undefined && process.permission === undefined) {
    const beside = enableCompileCache(join(projectRoot(), 'dist', 'cache'));
    if (beside.status === constants.compileCacheStatus.FAILED)
      enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'weighhouse'));
  }
  const folder = compileCacheFolder();
  if (folder !== null) process.permission?.drop('fs.write', folder);
}

/** The folder that child processes share with this one; null where there is none, as in a program that is not compiled. */
export function compileCacheFolder(): string | null {
  const own = getCompileCacheDir();
  // Node keeps each of its versions apart, in a folder below.
  return own === undefined || !isCompiled() ? null : dirname(own);
}
