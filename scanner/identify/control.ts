import type { KnownBase } from '../bases/index.ts';
import { CONTROL_ROWS, type ControlRow, type KeyMark } from './control-rows.ts';
import type { KeyIndex } from './key-index.ts';
import type { Evidence } from './types.ts';

/** A network that steers another: told apart before the backbone, whose keys some of them contain. */
export interface ControlMatch {
  type: ControlRow['type'];
  base: KnownBase;
  variant: string | null;
  evidence: Evidence[];
}

export function matchControl(keys: KeyIndex): ControlMatch | undefined {
  const find = (mark: KeyMark) => (typeof mark !== 'string' ? keys.find(mark) : keys.has(mark) ? mark : undefined);
  for (const row of CONTROL_ROWS) {
    const matched = matchMarks(row, keys, find);
    if (matched === undefined) continue;
    const evidence: Evidence[] = matched.map((name) => ({
      field: 'type',
      source: 'weights',
      detail: keys.describeTensor(name),
    }));
    const [first = ''] = matched;
    let base = row.base;
    let deciding = first;
    for (const mark of row.width?.keys ?? []) {
      const name = find(mark);
      const size = name === undefined ? undefined : keys.side(name, row.width?.axis ?? 0);
      if (name === undefined || size === undefined) continue;
      base = row.width?.bases.get(size);
      deciding = name;
      break;
    }
    if (base !== undefined) evidence.push({ field: 'base', source: 'weights', detail: keys.describeTensor(deciding) });
    if (row.variant !== undefined)
      evidence.push({ field: 'variant', source: 'weights', detail: keys.describeTensor(matched.at(-1) ?? first) });
    return { type: row.type, base: base ?? 'unknown', variant: row.variant ?? null, evidence };
  }
  return undefined;
}

/** The names that a row's tests found; undefined where one of them fails. */
function matchMarks(
  row: ControlRow,
  keys: KeyIndex,
  find: (mark: KeyMark) => string | undefined,
): string[] | undefined {
  const matched: string[] = [];
  for (const mark of row.marks) {
    const name = find(mark);
    if (name === undefined) return undefined;
    matched.push(name);
  }
  for (const [mark, axis, size] of row.sides ?? []) {
    const name = find(mark);
    if (name === undefined || keys.side(name, axis) !== size) return undefined;
    matched.push(name);
  }
  return row.none?.some((mark) => find(mark) !== undefined) ? undefined : matched;
}
