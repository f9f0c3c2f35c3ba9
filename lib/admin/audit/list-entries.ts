import { type Actor, authorize } from '../../accounts/index.ts';
import { named } from '../../audit/index.ts';
import { type AuditFilter, parseAuditFilter } from './filter.ts';
import { findNames } from './find-names.ts';
import { listPeople, type PersonChoice } from './list-people.ts';
import { type AuditView, presentEntries } from './present-entries.ts';
import { type Cursor, countEntries, readEntries } from './read-entries.ts';

export interface AuditPage {
  /** The newest first. */
  entries: AuditView[];
  /** How many entries the filter finds; `most` + 1 where there are more than `most`. */
  count: number;
  most: number;
  /** Ids to go on from; null where there is nothing more. */
  older: string | null;
  newer: string | null;
  /** Everybody who can be asked for. */
  people: PersonChoice[];
  /** The name of the model that is asked for. */
  modelName: string | null;
}

const PAGE_SIZE = 50;
const MOST_COUNTED = 10_000;

/** One page of the audit log as a URL asks for it: the filter, and `older` or `newer` with the id of an entry. */
export async function listAudit(actor: Actor | null, params: URLSearchParams): Promise<AuditPage> {
  authorize(actor, 'audit.read');
  const filter = parseAuditFilter(params);
  const cursor = readCursor(params);
  const [rows, count, people, modelName] = await Promise.all([
    readEntries(filter, cursor, PAGE_SIZE + 1),
    countEntries(filter, MOST_COUNTED),
    listPeople(),
    nameOfModel(filter),
  ]);
  const isNewer = cursor?.direction === 'newer';
  const hasMore = rows.length > PAGE_SIZE;
  const shown = hasMore ? (isNewer ? rows.slice(1) : rows.slice(0, PAGE_SIZE)) : rows;
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    entries: await presentEntries(shown),
    count,
    most: MOST_COUNTED,
    older: last !== undefined && (isNewer || hasMore) ? String(last.id) : null,
    newer: first !== undefined && (isNewer ? hasMore : cursor !== null) ? String(first.id) : null,
    people,
    modelName,
  };
}

function readCursor(params: URLSearchParams): Cursor | null {
  for (const direction of ['older', 'newer'] as const) {
    const id = params.get(direction);
    if (id !== null && /^[1-9]\d{0,17}$/.test(id)) return { direction, id: BigInt(id) };
  }
  return null;
}

async function nameOfModel({ modelId }: AuditFilter): Promise<string | null> {
  if (modelId === null) return null;
  const model = named('model', modelId);
  const names = await findNames([model]);
  return names.get(model.kind, model.id)?.name ?? `model ${modelId}`;
}
