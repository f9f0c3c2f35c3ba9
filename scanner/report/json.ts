import { LOADER_NAMES, type Reading } from './loaders.ts';
import { RULES_VERSION } from './rules.ts';
import type { ScanReport } from './types.ts';

/** One scanned file, with what identification adds. */
export interface ReportedFile {
  path: string;
  /** Where it lies itself, if `path` leads there by a symbolic link. */
  realPath?: string;
  report: ScanReport;
  type?: string;
  base?: string;
}

/**
 * The JSON of `weighhouse scan`, which other programs rely on (`schema` changes when they would break). `folder` is what
 * a scan of folders passed over.
 */
export function reportJson(files: readonly ReportedFile[], scannerVersion: string, folder?: object): object {
  return {
    schema: 1,
    scanner: scannerVersion,
    rules: RULES_VERSION,
    ...(folder === undefined ? {} : { folder }),
    files: files.map(({ path, report, type, base }) => ({
      path,
      size: report.size,
      container: report.container,
      verdict: report.verdict,
      findings: report.findings,
      globals: report.globals,
      tensors: report.tensors,
      ...(report.readings === undefined ? {} : { readings: report.readings.map(describeReading) }),
      ...(type === undefined ? {} : { type }),
      ...(base === undefined ? {} : { base }),
    })),
  };
}

/** With the name of the program next to its id. */
function describeReading({ loader, format, verdict, why }: Reading): object {
  return { loader, program: LOADER_NAMES[loader], format, verdict, why };
}
