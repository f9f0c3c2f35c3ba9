import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { LimitChanges, Policy } from '#scanner/index.ts';
import type { FileKind } from '#scanner/members/index.ts';
import type { ModelReport } from '#scanner/multi-file/index.ts';
import { type ReportedFile, RULES_VERSION, type RuleId, type ScanReport } from '#scanner/report/index.ts';
import { scan } from '#scanner/scan.ts';
import { siftFile, siftScanned } from '#scanner/sift.ts';
import { type FileSource, openFileSource } from '#scanner/source.ts';
import { explain as sentenceFor } from '../list-files.ts';

const NOT_SCANNED = 'The file is not a model, and was not scanned.';

export interface ScanPathOptions {
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
  /** What the report calls the file, where that is not its path: what came from standard input has none. */
  name?: string | undefined;
  /** The file lies in a folder that was named: it is passed over where it is no model. */
  isFound?: boolean | undefined;
}

/** A report, and its explanation for people where that was asked for. */
export interface ExplainedFile extends ReportedFile {
  explanation?: string;
  /** What the file is where it lies in a folder and is no model: its report says that it was not scanned. */
  passed?: FileKind;
  /** What is reported is a model in several files. The verdict is that of the whole without its files. */
  model?: ModelReport;
}

/** What a report for programs says besides the verdict. */
export type Identify = (source: FileSource, filename: string, report: ScanReport) => { type?: string; base?: string };

/** Scans one file and, with `identify`, says which model it is. What keeps it from being read is a finding. */
export function scanPath(path: string, options: ScanPathOptions = {}, identify?: Identify): ExplainedFile {
  return readPath(path, options, (source, filename, shown) => {
    const report = scan(source, { name: filename, ...scanOptions(options) });
    return { path: shown, report, ...identify?.(source, filename, report) };
  });
}

/** Opens a file and reads it, under the name that reports have for it. */
export function readPath(
  path: string,
  { name, isFound = false }: ScanPathOptions,
  read: (source: FileSource, filename: string, shown: string) => ExplainedFile,
): ExplainedFile {
  const shown = name ?? path;
  try {
    using source = openFileSource(path);
    const filename = basename(shown);
    const passed = isFound ? siftFile(source, filename) : null;
    if (passed !== null)
      return { path: shown, report: reportUnread(path, 'container/not-a-model', NOT_SCANNED), passed };
    const answer = read(source, filename, shown);
    const passedLater = isFound ? siftScanned(source, filename, answer.report) : null;
    return passedLater === null ? answer : { ...answer, passed: passedLater };
  } catch (error) {
    const message = sentenceFor(error);
    return { path: shown, report: reportUnread(path, 'file/unreadable', message) };
  }
}

export function scanOptions({ policy, limits }: ScanPathOptions): { policy?: Policy; limits?: LimitChanges } {
  return { ...(policy && { policy }), ...(limits && { limits }) };
}

/** The report on a file whose scan was stopped from outside, for a reason as in "it took longer than 90 seconds". */
export function reportStopped(path: string, reason: string): ScanReport {
  return reportUnread(path, 'scan/stopped', `The scan of this file was stopped: ${reason}. The file was not checked.`);
}

/** The report on a file that was not scanned to its end for a reason outside of it, or was never opened. */
export function reportUnread(path: string, rule: RuleId, message: string): ScanReport {
  return {
    size: sizeOf(path),
    container: 'unknown',
    verdict: 'incomplete',
    findings: [{ rule, severity: 'incomplete', message }],
    globals: [],
    tensors: null,
    rules: RULES_VERSION,
  };
}

/** Bytes; 0 where the system does not say, as of a link to itself. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
