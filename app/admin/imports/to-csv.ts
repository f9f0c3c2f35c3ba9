import { stringify } from 'csv-stringify/browser/esm/sync';
import { CSV_FORMAT } from '#lib/csv-format.ts';
import type { FolderSearch } from '#lib/imports/index.ts';

/** Paths and reasons for a spreadsheet. */
export function toCsv(reasons: FolderSearch['reasons']): string {
  const rows = reasons.map(({ path, why, sentence, detail }) => [path, why, `${sentence} ${detail ?? ''}`.trim()]);
  return stringify([['path', 'reason', 'explanation'], ...rows], CSV_FORMAT);
}
