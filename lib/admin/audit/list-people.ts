import { named } from '../../audit/index.ts';
import { db } from '../../db/index.ts';
import { findNames } from './find-names.ts';

/** Somebody whose entries can be asked for. */
export interface PersonChoice {
  id: string;
  /** Name and e-mail. */
  name: string;
  isGone: boolean;
}

/** Everybody with an account, then those of removed accounts that the log has entries of. */
export async function listPeople(): Promise<PersonChoice[]> {
  const [accounts, logged] = await Promise.all([
    db().user.findMany({ orderBy: [{ name: 'asc' }, { email: 'asc' }], select: { id: true, name: true, email: true } }),
    // From one value of the index to the next: not every entry is read.
    db().$queryRaw<{ id: string }[]>`
      WITH RECURSIVE actors AS (
        (SELECT actor AS id FROM audit_entry ORDER BY actor LIMIT 1)
        UNION ALL
        SELECT (SELECT a.actor FROM audit_entry a WHERE a.actor > actors.id ORDER BY a.actor LIMIT 1)
          FROM actors WHERE actors.id IS NOT NULL)
      SELECT id FROM actors WHERE id IS NOT NULL
      UNION SELECT "subjectId" FROM audit_entry WHERE action = 'user.remove'`,
  ]);
  const known = new Set(['system', ...accounts.map(({ id }) => id)]);
  const gone = logged.filter(({ id }) => !known.has(id)).map(({ id }) => named('user', id));
  const names = await findNames(gone);
  return [
    ...accounts.map(({ id, name, email }) => ({ id, name: `${name} (${email})`, isGone: false })),
    ...gone.map(({ id }) => ({ id, name: names.get('user', id)?.name ?? id, isGone: true })),
  ];
}
