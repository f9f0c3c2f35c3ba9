import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../config.ts';
import { db } from '../db/index.ts';

/** The folder that a merge is written in. */
export function scratchOf(mergeId: number): string {
  return join(config().home, 'scratch', `merge-${mergeId}`);
}

/** Removes what a merge has written so far. */
export async function clearScratch(mergeId: number): Promise<void> {
  await rm(scratchOf(mergeId), { recursive: true, force: true });
}

/** Removes what merges left that have ended, whose workers were killed before they could. */
export async function sweepScratch(): Promise<void> {
  const names = await readdir(join(config().home, 'scratch')).catch(() => []);
  const ids = names.flatMap((name) => Number(/^merge-(\d+)$/.exec(name)?.[1] ?? []));
  const open = await db().merge.findMany({
    where: { id: { in: ids }, state: { in: ['queued', 'running'] } },
    select: { id: true },
  });
  const active = new Set(open.map(({ id }) => id));
  for (const id of ids) if (!active.has(id)) await clearScratch(id);
}
