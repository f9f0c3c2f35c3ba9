import { stringify } from 'csv-stringify/browser/esm/sync';
import type { FolderSearch } from '#lib/imports/index.ts';

/** Paths and reasons for a spreadsheet. A cell that a spreadsheet would run as a formula is text. */
export function toCsv(reasons: FolderSearch['reasons']): string {
  const rows = reasons.map(({ path, why, sentence, detail }) => [path, why, `${sentence} ${detail ?? ''}`.trim()]);
  return stringify([['path', 'reason', 'explanation'], ...rows], { escape_formulas: true });
}
