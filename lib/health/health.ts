import { setTimeout as wait } from 'node:timers/promises';
import { config } from '../config.ts';
import { askServer, db, isDatabaseOutage } from '../db/index.ts';
import { Overdue, withDeadline } from './with-deadline.ts';

const ANSWER_MS = 2000;
const AGAIN_MS = 1000;

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
  const answer = untilAnswered().finally(() => {
    pending = null;
  });
  return { since: performance.now(), answer };
}

/**
 * Resolves when a connection of this process has answered. That none became free in time is no answer while the database
 * takes others; that it does not is one, because then nothing is known of this process.
 */
async function untilAnswered(): Promise<void> {
  for (;;) {
    try {
      await db().$queryRaw`SELECT 1`;
      return;
    } catch (error) {
      const { databaseUrl } = config();
      if (!isDatabaseOutage(error) || databaseUrl === null || (await askServer(databaseUrl)) !== 'up') return;
    }
    await wait(AGAIN_MS);
  }
}
