import type { FileGroup } from '#scanner/multi-file/index.ts';
import { type ExplainedFile, type ScanPathOptions, scanPath } from './scan-path.ts';

/** What is asked for besides the verdict. */
export interface ScanDetail {
  /** A text that explains the file, with colour or without. */
  explain?: { colour: boolean } | undefined;
  /** Type and base model, which reports for programs have and the text does not show. */
  identify?: boolean | undefined;
  /** What is read is not a file but the folder of a model in several. */
  group?: FileGroup | undefined;
}

/** What scans a file, with all that it needs loaded, so that nothing more is once a file is read. */
export async function loadScanReader({
  explain,
  identify,
  group,
}: ScanDetail): Promise<(path: string, options: ScanPathOptions) => ExplainedFile> {
  if (group !== undefined) {
    const { checkWhole } = await import('./check-whole.ts');
    return (path, options) => checkWhole(path, group, options);
  }
  if (explain !== undefined) {
    const { explainPath } = await import('./explain-path.ts');
    return (path, options) => explainPath(path, { ...options, ...explain });
  }
  if (identify !== true) return (path, options) => scanPath(path, options);
  const { identifyScanned } = await import('./identify-scanned.ts');
  return (path, options) => scanPath(path, options, identifyScanned);
}
