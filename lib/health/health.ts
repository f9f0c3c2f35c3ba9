import { config } from '../config.ts';
import { askServer, db } from '../db/index.ts';
import { Overdue, withDeadline } from './with-deadline.ts';

const ANSWER_MS = 2000;

export interface Health {
  status: 'ok' | 'stuck';
  /** What is stuck, in words; null where nothing is. */
  cause: string | null;
}

/** The oldest question to this process's own database connections that has no answer yet. */
let pending: { since: number; answer: Promise<void> } | null = null;

/**
 * Whether this process is right, and a restart of it would help nothing. It is stuck where its own connections to the
 * database have not answered for WEIGHHOUSE_STUCK_AFTER_S seconds though the database answers others. A database that is
 * away makes the service unready (`checkReadiness`), not this process ill. A process whose event loop stands answers
 * nothing at all.
 */
export async function checkHealth(): Promise<Health> {
  pending ??= ask();
  const { since, answer } = pending;
  try {
    await withDeadline(answer, ANSWER_MS);
  } catch (error) {
    if (!(error instanceof Overdue)) throw error;
    const seconds = Math.floor((performance.now() - since) / 1000);
    const { databaseUrl, stuckAfterSeconds } = config();
    if (seconds >= stuckAfterSeconds && databaseUrl !== null && (await askServer(databaseUrl)) === 'up') {
      return {
        status: 'stuck',
        cause: `The database connections of this process have not answered for ${seconds} seconds, though the database answers. Restart the process.`,
      };
    }
  }
  return { status: 'ok', cause: null };
}

function ask(): { since: number; answer: Promise<void> } {
  const answer = db().$queryRaw`SELECT 1`
    .then(
      () => {},
      // An error is an answer.
      () => {},
    )
    .finally(() => {
      pending = null;
    });
  return { since: performance.now(), answer };
}
