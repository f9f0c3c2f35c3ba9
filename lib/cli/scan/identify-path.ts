import { identifyFile } from '#scanner/identify/index.ts';
import type { ReportedFile, ScanReport } from '#scanner/report/index.ts';
import { scan } from '#scanner/scan.ts';
import type { FileSource } from '#scanner/source.ts';
import { readPath, type ScanPathOptions, scanOptions } from './scan-path.ts';

/** Scans one file and, where it is a model, says which. */
export function identifyPath(path: string, options: ScanPathOptions): ReportedFile {
  return readPath(path, options, (source, filename, shown) => {
    const report = scan(source, { name: filename, ...scanOptions(options) });
    return { path: shown, report, ...identify(source, filename, report) };
  });
}

/** What was too much for the scan is too much for this as well. */
function identify(source: FileSource, filename: string, report: ScanReport): { type?: string; base?: string } {
  const wasCut = report.findings.some(({ severity }) => severity === 'incomplete');
  if (wasCut || report.verdict === 'malformed' || report.tensors === null) return {};
  try {
    const { type, base } = identifyFile(source, { filename });
    return { type, base };
  } catch {
    // The verdict stands, whatever the tensors' reader cannot take.
    return {};
  }
}
