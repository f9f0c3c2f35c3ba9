import { db, type SessionLock, SessionLocks } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { log } from '../log.ts';
import { changeImport } from './change-import.ts';
import { type FolderWatch, type WatchOptions, watchFolder } from './watch/index.ts';

const LOCK = 'folders of imports are watched';
/** How often it is looked for imports that are to be watched, and for searches that had to wait. */
const POLL_MS = 10_000;
/** What the system refused it may allow later. */
const RETRY_MS = 10 * 60_000;
/** A file that is still being written is looked for again so much later. */
const UNFINISHED_MS = 60_000;

interface Options extends WatchOptions {
  pollMs?: number;
}

/**
 * Searches folders that are searched by themselves at once when something changes in them, where the system has events for
 * that. One process of all on a database does. What the system does not tell, the schedule finds.
 */
export function watchImports(options: Options = {}): { stop: () => Promise<void> } {
  const watcher = new ImportWatcher(options);
  watcher.start();
  return watcher;
}

class ImportWatcher {
  readonly #options: Options;
  readonly #locks = new SessionLocks();
  readonly #folders = new Map<number, { root: string; watch: FolderWatch | null; lostAt: number }>();
  /** Imports to be searched as soon as they are done with what they are at. */
  readonly #changed = new Set<number>();
  #lock: SessionLock | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.pollMs ?? POLL_MS).unref();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#turn;
    await this.#letGo();
  }

  /** One look after the other. */
  #look(): void {
    this.#turn = this.#turn
      .then(() => this.#update())
      .catch((error: Error) => log('imports').warn({ error: error.message }, 'Folders could not be watched.'));
  }

  async #update(): Promise<void> {
    if (this.#isStopped) return;
    if (this.#lock?.lost.aborted) await this.#letGo();
    this.#lock ??= await this.#locks.acquire(LOCK, { timeout: 0 });
    if (this.#lock === null) return;
    await this.#followList();
    await this.#searchChanged();
  }

  async #letGo(): Promise<void> {
    const isHolder = this.#lock !== null && !this.#lock.lost.aborted;
    const ids = [...this.#folders.keys()];
    for (const { watch } of this.#folders.values()) watch?.close();
    this.#folders.clear();
    if (isHolder && ids.length > 0) await this.#note(ids, false, null).catch(() => {});
    await this.#lock?.release();
    this.#lock = null;
  }

  /** Watches what is to be searched by itself, and nothing else. */
  async #followList(): Promise<void> {
    const rows = await db().import.findMany({ select: { id: true, root: true, schedule: true, watched: true } });
    const wanted = new Map(rows.filter(({ schedule }) => schedule !== 'manual').map((row) => [row.id, row]));
    for (const [id, { watch }] of this.#folders) {
      if (wanted.has(id)) continue;
      watch?.close();
      this.#folders.delete(id);
    }
    for (const [id, { root }] of wanted) {
      const known = this.#folders.get(id);
      if (known?.watch?.isWatching() === true) continue;
      if (known !== undefined && Date.now() - known.lostAt < RETRY_MS) continue;
      known?.watch?.close();
      this.#watch(id, root);
    }
    // Also of a process that died with the lock.
    const stale = rows.filter(({ id, watched }) => watched && this.#folders.get(id)?.watch?.isWatching() !== true);
    const fresh = rows.filter(({ id, watched }) => !watched && this.#folders.get(id)?.watch?.isWatching() === true);
    if (stale.length > 0)
      await db().import.updateMany({ where: { id: { in: stale.map(({ id }) => id) } }, data: { watched: false } });
    if (fresh.length > 0)
      await this.#note(
        fresh.map(({ id }) => id),
        true,
        null,
      );
  }

  #watch(id: number, root: string): void {
    const entry = { root, watch: null as FolderWatch | null, lostAt: 0 };
    this.#folders.set(id, entry);
    entry.watch = watchFolder(
      root,
      () => {
        this.#changed.add(id);
        this.#look();
      },
      {
        ...this.#options,
        onLost: (reason) => {
          entry.lostAt = Date.now();
          entry.watch = null;
          log('imports').warn({ root, reason }, 'A folder of an import cannot be watched.');
          void this.#note([id], false, `Changes are only found when the folder is searched: ${reason}`).catch(() => {});
        },
      },
    );
  }

  async #searchChanged(): Promise<void> {
    const unfinished = await db().import.findMany({
      where: {
        watched: true,
        state: 'done',
        searchedAt: { lt: new Date(Date.now() - UNFINISHED_MS) },
        entries: { some: { state: 'refused', mtimeNs: 0n } },
      },
      select: { id: true },
    });
    for (const { id } of unfinished) this.#changed.add(id);
    for (const id of this.#changed) {
      // Paused by a person, or at it still: then it is searched when that ends.
      const isBegun = await changeImport(id, 'searching', { starts: true }, (before) => before === 'done');
      if (isBegun || !this.#folders.has(id)) this.#changed.delete(id);
    }
  }

  async #note(ids: readonly number[], watched: boolean, watchNote: string | null): Promise<void> {
    await db().import.updateMany({ where: { id: { in: [...ids] } }, data: { watched, watchNote } });
    for (const { id, ownerId } of await db().import.findMany({ where: { id: { in: [...ids] } } }))
      await publish(db(), { kind: 'import', importId: id, ownerId });
  }
}
