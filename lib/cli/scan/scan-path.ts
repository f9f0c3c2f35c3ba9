import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { identifyFile } from '../../../scanner/identify/index.ts';
import {
  openFileSource,
  type Policy,
  type ReportedFile,
  RULES_VERSION,
  type RuleId,
  type ScanReport,
  scan,
} from '../../../scanner/index.ts';
import { explain } from '../list-files.ts';

export interface ScanPathOptions {
  policy?: Policy | undefined;
  /** What the report calls the file, where that is not its path: what came from standard input has none. */
  name?: string | undefined;
  onProgress?: (fraction: number) => void;
}

/** Scans one file and, where it is a model, says which. What keeps it from being read is a finding. */
export function scanPath(path: string, { policy, name, onProgress }: ScanPathOptions = {}): ReportedFile {
  const shown = name ?? path;
  try {
    using source = openFileSource(path);
    const filename = basename(shown);
    const report = scan(source, {
      name: filename,
      ...(policy && { policy }),
      ...(onProgress && { onProgress }),
    });
    if (report.verdict === 'malformed' || report.tensors === null) return { path: shown, report };
    const { type, base } = identifyFile(source, { filename });
    return { path: shown, report, type, base };
  } catch (error) {
    return { path: shown, report: reportUnread(path, 'file/unreadable', explain(error as NodeJS.ErrnoException)) };
  }
}

/** The report on a file that was not scanned to its end for a reason outside of it, or was never opened. */
export function reportUnread(path: string, rule: RuleId, message: string): ScanReport {
  return {
    size: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    container: 'unknown',
    verdict: 'incomplete',
    findings: [{ rule, severity: 'incomplete', message }],
    globals: [],
    tensors: null,
    rules: RULES_VERSION,
  };
}
