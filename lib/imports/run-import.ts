import { actorOfUser, can } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { DISK_FULL, isDiskFull } from '../disk-full.ts';
import { AppError } from '../errors.ts';
import { changeImport } from './change-import.ts';
import { findEntries } from './find-entries.ts';
import { importEntries } from './import-entries.ts';

/** How often a search asks whether it was cancelled. */
const WATCH_MS = 1000;

/**
 * Does what is left of an import: searches its folder, then imports what was found. Goes on where an earlier try ended.
 * Throws where the service itself has a problem.
 */
export async function runImport(importId: number): Promise<void> {
  for (;;) {
    const row = await db().import.findUnique({ where: { id: importId } });
    if (row === null || (row.state !== 'searching' && row.state !== 'running')) return;
    const actor = await actorOfUser(row.ownerId);
    if (actor === null || !can(actor, 'imports.manage')) {
      await changeImport(importId, 'failed', {
        message: 'The account that started the import may not import any more.',
      });
      return;
    }
    try {
      if (row.state === 'searching') {
        await search(row);
        await changeImport(
          importId,
          row.starts ? 'running' : 'ready',
          { searchedAt: new Date() },
          (state) => state === 'searching',
        );
      } else if (await importEntries(actor, row, () => isIn(importId, 'running')))
        await changeImport(importId, 'done', {}, (state) => state === 'running');
    } catch (error) {
      if (error instanceof Stopped) return;
      const isRefused = error instanceof AppError && error.code === 'no_room';
      if (!isRefused && !isDiskFull(error)) throw error;
      await changeImport(importId, 'paused', { message: isRefused ? error.message : DISK_FULL });
    }
  }
}

class Stopped extends Error {}

async function isIn(importId: number, state: 'searching' | 'running'): Promise<boolean> {
  return (await db().import.findUnique({ where: { id: importId }, select: { state: true } }))?.state === state;
}

async function search(row: { id: number; root: string; inPlace: boolean }): Promise<void> {
  const stop = new AbortController();
  const watch = setInterval(async () => {
    const goesOn = await isIn(row.id, 'searching').catch(() => true);
    if (!goesOn) stop.abort(new Stopped());
  }, WATCH_MS);
  try {
    await findEntries(row, stop.signal);
  } finally {
    clearInterval(watch);
  }
}
