import { stringify } from 'csv-stringify/sync';
import { CSV_FORMAT } from './csv-format.ts';

/** Rows as a piece of a CSV file for spreadsheets; the first piece begins with the names of the columns. */
export function csvPiece(columns: readonly string[], rows: readonly unknown[][], isFirst: boolean): string {
  return stringify(isFirst ? [[...columns], ...rows] : [...rows], { ...CSV_FORMAT, bom: isFirst });
}
