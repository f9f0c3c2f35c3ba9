import { access, constants } from 'node:fs/promises';
import { config } from '../config.ts';
import { db } from '../db/index.ts';

export interface Readiness {
  ready: boolean;
  /** What is wrong, by part; null where a part is well. */
  causes: { database: string | null; storage: string | null };
}

/** Whether the service can do its work, and if not, why. */
export async function checkReadiness(): Promise<Readiness> {
  const [database, storage] = await Promise.all([
    causeOf(async () => {
      await db().$queryRaw`SELECT 1 FROM _prisma_migrations WHERE finished_at IS NOT NULL LIMIT 1`;
    }),
    causeOf(() => access(config().home, constants.R_OK | constants.W_OK)),
  ]);
  return { ready: database === null && storage === null, causes: { database, storage } };
}

async function causeOf(check: () => Promise<void>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (!(error instanceof Error)) return 'unknown';
    // The system's codes and the database's.
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  }
}
