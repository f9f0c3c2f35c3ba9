/** A scan worker: scans the files that its parent names, one after the other, until the parent lets go of it. */
import type { Policy } from '../../../scanner/index.ts';
import { scanPath } from './scan-path.ts';

export interface ScanTask {
  path: string;
  name?: string | undefined;
  policy?: Policy | undefined;
}

process.on('message', ({ path, name, policy }: ScanTask) => {
  process.send?.(scanPath(path, { name, policy }));
});
