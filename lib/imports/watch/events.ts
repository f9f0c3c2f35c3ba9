import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { skipFolder } from '../layouts/index.ts';

/** A folder that is being watched. */
export interface FolderWatch {
  /** False where the folder is not there, or the system cannot watch it. */
  isWatching(): boolean;
  close(): void;
}

export interface WatchOptions {
  /** After the last event, in milliseconds: a file that is being copied sends many. */
  quietMs?: number;
  /** After the first event at the latest, in milliseconds. */
  atMostMs?: number;
  /** Folders, with all below. */
  maxFolders?: number;
  /** Called once, where the system cannot watch the folder (any more): only searches find changes then. */
  onLost?: (reason: string) => void;
}

const MAX_FOLDERS = 20_000;

/**
 * Calls back when something changed in a folder or below, once for changes that follow each other. Network shares send
 * no events for what other machines change, so that a search on a schedule stays necessary. `close` ends it.
 *
 * On Linux one watch for each folder: Node's own recursive one takes one for each file as well, and users have 192,000 of
 * them at most.
 */
export function watchFolder(root: string, onChange: () => void, options: WatchOptions = {}): FolderWatch {
  const watcher = new FolderWatcher(onChange, options);
  void watcher.start(root);
  return watcher;
}

class FolderWatcher implements FolderWatch {
  readonly #onChange: () => void;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #quiet: NodeJS.Timeout | undefined;
  #latest: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(onChange: () => void, options: WatchOptions) {
    this.#onChange = onChange;
    this.#options = options;
  }

  async start(root: string): Promise<void> {
    if (process.platform === 'linux') await this.#add(root);
    else this.#watch(root, true);
  }

  isWatching(): boolean {
    return !this.#isClosed && this.#watchers.size > 0;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    clearTimeout(this.#latest);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** A folder and those below. One that is gone again is none. */
  async #add(folder: string): Promise<void> {
    const waiting = [folder];
    for (let next = waiting.pop(); next !== undefined && !this.#isClosed; next = waiting.pop()) {
      if (!this.#watch(next, false)) return;
      const entries = await readdir(next, { withFileTypes: true }).catch(() => []);
      for (const entry of entries)
        if (entry.isDirectory() && skipFolder(entry.name) === null) waiting.push(join(next, entry.name));
    }
  }

  /** False where nothing more can be watched. */
  #watch(folder: string, recursive: boolean): boolean {
    if (this.#isClosed) return false;
    if (this.#watchers.has(folder)) return true;
    const { maxFolders = MAX_FOLDERS } = this.#options;
    if (this.#watchers.size >= maxFolders) {
      this.#lose(`it has more than ${maxFolders} folders.`);
      return false;
    }
    try {
      const watcher = watch(folder, { recursive, persistent: false });
      watcher.on('change', (event, name) =>
        this.#changed(folder, event === 'rename' && !recursive ? String(name) : null),
      );
      watcher.on('error', () => this.#remove(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      // Gone since it was listed, or closed to this user: the search says so.
      if (isSystemError(error) && ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(error.code)) return true;
      this.#lose(explain(error));
      return false;
    }
  }

  #changed(folder: string, renamed: string | null): void {
    if (this.#isClosed) return;
    if (renamed !== null && skipFolder(renamed) === null) {
      // Moved here, made, or gone: watched anew where it is a folder.
      const path = join(folder, renamed);
      this.#remove(path);
      void readdir(path).then(
        () => this.#add(path),
        () => {},
      );
    }
    const { quietMs = 5000, atMostMs = 60_000 } = this.#options;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#call(), quietMs).unref();
    this.#latest ??= setTimeout(() => this.#call(), atMostMs).unref();
  }

  #call(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#latest);
    this.#latest = undefined;
    if (!this.#isClosed) this.#onChange();
  }

  #remove(folder: string): void {
    if (!this.#watchers.has(folder)) return;
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(folder + sep)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #lose(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onLost?.(reason);
  }
}

/** Why the system cannot watch, as the end of a sentence. */
function explain(error: unknown): string {
  if (isSystemError(error, 'ENOSPC')) return 'the limit of the system is reached (fs.inotify.max_user_watches).';
  if (isSystemError(error, 'EMFILE')) return 'the limit of the system is reached (fs.inotify.max_user_instances).';
  return `the system cannot watch it (${isSystemError(error) ? error.code : String(error)}).`;
}
