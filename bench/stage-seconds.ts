import { config } from '#lib/config.ts';
import { closeDb, db } from '#lib/db/index.ts';

/** How long each stage of a file took, in seconds and in the order they ran. */
export async function stageSeconds(databaseUrl: string, fileId: number): Promise<Map<string, number>> {
  config().databaseUrl = databaseUrl;
  try {
    const runs = await db().stageRun.findMany({ where: { fileId }, orderBy: { id: 'asc' } });
    return new Map(
      runs.map(({ stage, startedAt, endedAt }) => [
        stage,
        ((endedAt ?? startedAt).getTime() - startedAt.getTime()) / 1000,
      ]),
    );
  } finally {
    await closeDb();
  }
}
