import { audit } from '../audit/index.ts';
import { db, type ImportState, type Tx } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { enqueue } from '../queue/index.ts';

/** Whether a worker goes on with an import by itself. */
export function isOpenState(state: ImportState): boolean {
  return state === 'searching' || state === 'running';
}

export interface ImportChange {
  /** A user's id, or `system`. */
  actor?: string;
  /** A sentence for people. */
  message?: string | null;
  starts?: boolean;
  searchedAt?: Date;
}

/**
 * Changes the state of an import that is in one of `from`, with its audit row and its event, and queues the work that
 * follows. The answer is false for one in another state: it stays as it is.
 */
export async function changeImport(
  id: number,
  state: ImportState,
  { actor = 'system', ...change }: ImportChange,
  from: (state: ImportState) => boolean = isOpenState,
): Promise<boolean> {
  return await db().$transaction(async (tx) => {
    const [before] = await tx.$queryRaw<{ state: ImportState; ownerId: string }[]>`
      SELECT state::text AS state, "ownerId" FROM import WHERE id = ${id} FOR UPDATE`;
    if (before === undefined || !from(before.state)) return false;
    const endedAt = isOpenState(state) || state === 'paused' || state === 'ready' ? null : new Date();
    await tx.import.update({ where: { id }, data: { message: null, ...change, state, endedAt } });
    await tell(tx, id, actor, before, state, change.message ?? undefined);
    return true;
  });
}

async function tell(
  tx: Tx,
  id: number,
  actor: string,
  before: { state: ImportState; ownerId: string },
  state: ImportState,
  message: string | undefined,
): Promise<void> {
  if (before.state !== state)
    await audit(tx, {
      actor,
      action: 'import.state',
      subject: 'import',
      subjectId: id,
      before: { state: before.state },
      after: { state, ...(message === undefined ? {} : { message }) },
    });
  if (isOpenState(state) && !isOpenState(before.state)) await enqueue('import', { importId: id }, { tx });
  await publish(tx, { kind: 'import', importId: id, ownerId: before.ownerId });
}
