/** A scan worker: scans the files that its parent names, one after the other, until the parent lets go of it. */
import type { LimitChanges, Policy } from '#scanner/index.ts';
import { allowCollection } from '#scanner/release.ts';
import { loadScanReader, type ScanDetail } from './scan-reader.ts';

export interface ScanTask extends ScanDetail {
  path: string;
  name?: string | undefined;
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
}

allowCollection();
process.on('message', async ({ path, explain, identify, ...options }: ScanTask) => {
  const read = await loadScanReader({ explain, identify });
  process.send?.(read(path, options));
});
