import { beBrief, sizeOf } from '../../process/index.ts';
import type { PoolFile, PoolOptions } from './pool.ts';
import type { ExplainedFile } from './scan-path.ts';
import { loadScanReader } from './scan-reader.ts';

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
  else {
    const { scanHere } = await import('./scan-here.ts');
    const read = await loadScanReader(options);
    beBrief(sizeOf(files.map(({ path }) => path)));
    yield* scanHere(files, read, options);
  }
}
