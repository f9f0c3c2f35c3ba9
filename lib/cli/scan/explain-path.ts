import { explain, formatExplanation } from '#scanner/explain/index.ts';
import type { ExplainedFile } from './scan-path.ts';
import { readPath, type ScanPathOptions, scanOptions } from './scan-path.ts';

/** Scans one file and explains it, as a text for people. */
export function explainPath(path: string, options: ScanPathOptions & { colour: boolean }): ExplainedFile {
  return readPath(path, options, (source, filename, shown) => {
    const explanation = explain(source, { name: filename, ...scanOptions(options) });
    const text = formatExplanation(shown, explanation, { colour: options.colour });
    return { path: shown, report: explanation.report, explanation: text };
  });
}
