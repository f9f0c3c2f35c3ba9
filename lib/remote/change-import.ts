import { audit } from '../audit/index.ts';
import { db, type Prisma, type RemoteState, type Tx } from '../db/index.ts';
import { publish } from '../events/index.ts';

export interface RemoteChange {
  /** A user's id, or `system`. */
  actor?: string;
  message?: string | null;
  failures?: number;
  notBefore?: Date | null;
  details?: Prisma.InputJsonValue;
}

/** The states of an import that goes on by itself. */
export const OPEN_STATES: RemoteState[] = ['queued', 'running', 'waiting'];

/** Whether an import goes on by itself. */
export function isOpenState(state: RemoteState): boolean {
  return OPEN_STATES.includes(state);
}

/**
 * Changes the state of an import that has not ended, with its audit row and its event; `also` is done in the same
 * transaction. The answer is false for one that has ended: it stays as it is.
 */
export async function changeImport(
  id: number,
  state: RemoteState,
  { actor = 'system', ...change }: RemoteChange = {},
  { from = isOpenState, also }: { from?: (state: RemoteState) => boolean; also?: (tx: Tx) => Promise<void> } = {},
): Promise<boolean> {
  return await db().$transaction(async (tx) => {
    const [before] = await tx.$queryRaw<{ state: RemoteState; ownerId: string }[]>`
      SELECT state::text AS state, "ownerId" FROM remote_import WHERE id = ${id} FOR UPDATE`;
    if (before === undefined || !from(before.state)) return false;
    await tx.remoteImport.update({
      where: { id },
      data: { ...change, state, endedAt: isOpenState(state) ? null : new Date() },
    });
    await also?.(tx);
    if (before.state !== state) {
      await audit(tx, {
        actor,
        action: 'remote.state',
        subject: 'remote',
        subjectId: id,
        before: { state: before.state },
        after: { state, ...(typeof change.message === 'string' ? { message: change.message } : {}) },
      });
    }
    await publish(tx, { kind: 'remote', importId: id, ownerId: before.ownerId });
    return true;
  });
}
