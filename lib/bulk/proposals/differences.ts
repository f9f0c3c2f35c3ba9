import type { IDENTITY } from '../../ingest/index.ts';

type Known = NonNullable<ReturnType<typeof IDENTITY.read>>;
type Compared = Pick<Known, 'type' | 'base' | 'confidence'> &
  Partial<Pick<Known, 'variant' | 'family' | 'prediction' | 'algorithm' | 'candidates'>>;

/** What people see of an identification, and what renders and pairs by it. */
const FIELDS = ['type', 'base', 'confidence', 'variant', 'family', 'prediction', 'algorithm', 'candidates'] as const;
export type ComparedField = (typeof FIELDS)[number];

/** What another identification says otherwise, without what a person decided. */
export function listDifferences(
  before: Compared | null,
  after: Compared,
  chosen: { type: boolean; base: boolean } = { type: false, base: false },
): ComparedField[] {
  return FIELDS.filter((field) => {
    if ((field === 'type' || field === 'base') && chosen[field]) return false;
    return textOf(before, field) !== textOf(after, field);
  });
}

function textOf(identity: Compared | null, field: ComparedField): string {
  const value = identity?.[field] ?? null;
  // One version of the program wrote null where others write `unknown`, or nothing.
  if (value === null || value === 'unknown') return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
