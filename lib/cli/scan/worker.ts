/** A scan worker: scans the files that its parent names, one after the other, until the parent lets go of it. */
import type { LimitChanges, Policy, ReportedFile } from '#scanner/index.ts';
import { explainPath, scanPath } from './scan-path.ts';

export interface ScanTask {
  path: string;
  name?: string | undefined;
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
  explain?: { colour: boolean } | undefined;
}

/** A report, and its explanation for people where that was asked for. */
export interface ExplainedFile extends ReportedFile {
  explanation?: string;
}

process.on('message', ({ path, explain, ...options }: ScanTask) => {
  process.send?.(explain === undefined ? scanPath(path, options) : explainPath(path, { ...options, ...explain }));
});
