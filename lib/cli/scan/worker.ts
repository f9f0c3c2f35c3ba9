/** A scan worker: scans the files that its parent names, one after the other, until the parent lets go of it. */
import { openParentChannel } from '#lib/process/index.ts';
import type { LimitChanges, Policy } from '#scanner/index.ts';
import type { FileGroup } from '#scanner/multi-file/index.ts';
import { allowCollection } from '#scanner/release.ts';
import type { ExplainedFile } from './scan-path.ts';
import { loadScanReader, type ScanDetail } from './scan-reader.ts';

export interface ScanTask extends ScanDetail {
  path: string;
  name?: string | undefined;
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
  isFound?: boolean | undefined;
  group?: FileGroup | undefined;
}

allowCollection();
const parent = openParentChannel<ScanTask, ExplainedFile>(async ({ path, explain, identify, group, ...options }) => {
  const read = await loadScanReader({ explain, identify, group });
  parent.send(read(path, options));
});
