import { type Actor, authorize } from '../../accounts/index.ts';
import { csvPiece } from '../../csv.ts';
import type { AuditFilter } from './filter.ts';
import { type AuditView, presentEntries, textOf } from './present-entries.ts';
import { type Cursor, readEntries } from './read-entries.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Entries read at a time: what an export holds in memory. */
const BATCH = 500;

/**
 * All entries that a filter finds, the newest first, as text in pieces. CSV is for spreadsheets (`csvPiece`), JSON Lines
 * is for programs.
 */
export function exportAudit(actor: Actor | null, filter: AuditFilter, format: ExportFormat): AsyncGenerator<string> {
  authorize(actor, 'audit.read');
  return writeEntries(filter, format === 'csv' ? writeCsv : writeJsonLines);
}

async function* writeEntries(
  filter: AuditFilter,
  write: (entries: readonly AuditView[], isFirst: boolean) => string,
): AsyncGenerator<string> {
  let cursor: Cursor | null = null;
  for (;;) {
    const rows = await readEntries(filter, cursor, BATCH);
    const last = rows.at(-1);
    if (cursor === null || last !== undefined) yield write(await presentEntries(rows), cursor === null);
    if (last === undefined || rows.length < BATCH) return;
    cursor = { direction: 'older', id: last.id };
  }
}

const COLUMNS = [
  'id',
  'time',
  'person',
  'person id',
  'what happened',
  'action',
  'target',
  'target id',
  'model id',
  'before',
  'after',
];

function writeCsv(entries: readonly AuditView[], isFirst: boolean): string {
  const rows = entries.map(({ id, at, actor, sentence, action, modelId, record }) => [
    id,
    at,
    actor.name,
    actor.id,
    textOf(sentence),
    action,
    record.subject,
    record.subjectId,
    modelId,
    record.before === null ? null : JSON.stringify(record.before),
    record.after === null ? null : JSON.stringify(record.after),
  ]);
  return csvPiece(COLUMNS, rows, isFirst);
}

function writeJsonLines(entries: readonly AuditView[]): string {
  return entries
    .map(({ id, at, actor, sentence, action, modelId, record }) =>
      JSON.stringify({
        id,
        time: at,
        person: { id: actor.id, name: actor.name },
        whatHappened: textOf(sentence),
        action,
        target: { kind: record.subject, id: record.subjectId },
        modelId,
        before: record.before,
        after: record.after,
      }),
    )
    .map((line) => `${line}\n`)
    .join('');
}
