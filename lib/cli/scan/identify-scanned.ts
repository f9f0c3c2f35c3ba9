import { identifyFile } from '#scanner/identify/index.ts';
import type { Identify } from './scan-path.ts';

/** What was too much for the scan is too much for this as well. */
export const identifyScanned: Identify = (source, filename, report) => {
  const wasCut = report.findings.some(({ severity }) => severity === 'incomplete');
  if (wasCut || report.verdict === 'malformed' || report.tensors === null) return {};
  try {
    const { type, base } = identifyFile(source, { filename });
    return { type, base };
  } catch {
    // The verdict stands, whatever the tensors' reader cannot take.
    return {};
  }
};
