import type { PoolFile, PoolOptions } from './pool.ts';
import type { ExplainedFile } from './scan-path.ts';

/**
 * Scans files, and gives the reports in their order. Whichever process scans has no more rights and memory than a scan
 * needs: processes of a pool, or this one where it was begun with those rights alone (bin/weighhouse.mjs).
 */
export async function* scanFiles(
  files: readonly PoolFile[],
  options: Omit<PoolOptions, 'entry'>,
): AsyncGenerator<ExplainedFile> {
  const mayStartProcesses = process.permission === undefined || process.permission.has('child');
  if (mayStartProcesses) yield* (await import('./pool.ts')).scanInPool(files, options);
  else yield* (await import('./scan-here.ts')).scanHere(files, options);
}
