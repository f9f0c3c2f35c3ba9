import { type ExplainedFile, type ScanPathOptions, scanPath } from './scan-path.ts';

/** What is asked for besides the verdict. */
export interface ScanDetail {
  /** A text that explains the file, with colour or without. */
  explain?: { colour: boolean } | undefined;
  /** Type and base model, which reports for programs have and the text does not show. */
  identify?: boolean | undefined;
}

/** What scans a file, with all that it needs loaded, so that nothing more is once a file is read. */
export async function loadScanReader({
  explain,
  identify,
}: ScanDetail): Promise<(path: string, options: ScanPathOptions) => ExplainedFile> {
  if (explain !== undefined) {
    const { explainPath } = await import('./explain-path.ts');
    return (path, options) => explainPath(path, { ...options, ...explain });
  }
  if (identify !== true) return (path, options) => scanPath(path, options);
  const { identifyScanned } = await import('./identify-scanned.ts');
  return (path, options) => scanPath(path, options, identifyScanned);
}
