import { FAILURES, type Failure, type FailureKind, failureHere } from './failures.ts';
import { createEntry, describeToTabs, type Entry, type NewEntry } from './queue-entry.ts';
import { fingerprintOf, forgetUpload, recallUpload, rememberUpload } from './remembered-uploads.ts';
import { isReadable, pathOf } from './selected-file.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { Release, SharedUpload, Tabs } from './tabs.ts';
import { abandonUpload, createAttempt } from './upload-requests.ts';
import { isActive, nextTask, type TaskEvent, type UploadTask } from './upload-task.ts';

const SIDE_BY_SIDE = 3;
/** Many pieces of progress are shown at once. */
const NOTIFY_MS = 150;
/** A tab that ends an upload says so and frees its lock; whoever waits for the lock hears that first. */
const TAKE_OVER_MS = 500;

export interface AddOptions {
  modelId?: number;
  /** An unfinished upload that the file goes on with. */
  resume?: string;
  /** Of one of the files of a model in several: its upload set and path there, and the name of the model. */
  part?: { set: string; path: string; model: string };
}

export interface QueueOptions {
  onProgress?: (task: UploadTask) => void;
  onComplete?: () => void;
}

/**
 * Sends the files of this tab by tus, a few side by side. One tab owns an upload: the others wait for its lock. An attempt
 * that failed frees its place for the next file, unless the failure holds for all of them (`FAILURES`).
 */
export class UploadQueue {
  readonly #options: QueueOptions;
  readonly #tabs: Tabs;
  readonly #entries = new Map<string, Entry>();
  readonly #silence = new SilenceWatch(this.#entries, (entry) => this.#fail(entry, failureHere('offline')));
  readonly #listeners = new Set<() => void>();
  #snapshot: readonly UploadTask[] = [];
  #notifying: ReturnType<typeof setTimeout> | undefined;
  #created = 0;
  readonly #onOnline = () => this.retryAll('offline');

  constructor(tabs: Tabs, options: QueueOptions = {}) {
    this.#tabs = tabs;
    this.#options = options;
    tabs.listen((message) => {
      switch (message.type) {
        case 'hello':
          for (const entry of this.#entries.values()) this.#share(entry);
          return;
        case 'sending':
          return this.#standBy(message);
        case 'ended': {
          const entry = this.#find(message.uploadId);
          if (entry !== undefined && entry.task.state.kind !== 'complete') this.#drop(entry);
          return;
        }
        case 'cancel': {
          const entry = this.#find(message.uploadId);
          if (entry?.release) this.cancel(entry.task.id);
          return;
        }
        case 'signed-in':
          return this.retryAll('signed_out');
      }
    });
    tabs.send({ type: 'hello' });
    window.addEventListener('online', this.#onOnline);
  }

  /** Ends everything that this tab does; uploads stay as far as they are. */
  close(): void {
    window.removeEventListener('online', this.#onOnline);
    this.#silence.stop();
    for (const entry of this.#entries.values()) {
      entry.removed.abort();
      this.#stop(entry);
      entry.release?.();
    }
    this.#entries.clear();
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  /** Every task, in the order in which they were added; the same array until something changes. */
  tasks(): readonly UploadTask[] {
    return this.#snapshot;
  }

  /** Sends a file. One that is in the list already goes on there. */
  add(file: File, { modelId, resume, part }: AddOptions = {}): void {
    const place = part === undefined ? pathOf(file) : `${part.set} ${part.path}`;
    const fingerprint = fingerprintOf(file, place, modelId ?? null);
    const entries = [...this.#entries.values()];
    const known =
      entries.find(({ task }) => resume !== undefined && task.uploadId === resume) ??
      entries.find((entry) => entry.fingerprint === fingerprint && entry.task.state.kind !== 'complete');
    if (known !== undefined) {
      if (known.task.state.kind === 'failed') {
        known.file = file;
        this.retry(known.task.id);
      }
      return;
    }
    const remembered = resume === undefined ? recallUpload(fingerprint) : null;
    this.#enter({
      task: {
        name: part === undefined ? file.name : `${part.model}/${part.path}`,
        size: file.size,
        modelId: modelId ?? null,
        part: part === undefined ? null : { set: part.set, path: part.path },
        uploadId: resume ?? remembered,
      },
      file,
      fingerprint,
      isRemembered: remembered !== null,
    });
    this.#pump();
  }

  pause(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#stop(entry);
    this.#apply(entry, { type: 'pause' });
    this.#share(entry);
    this.#pump();
  }

  /** Goes on now: after a pause, a failure, or while it waits for the next attempt. */
  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || isActive(entry.task.state) || entry.task.state.kind === 'elsewhere') return;
    this.#stop(entry);
    this.#apply(entry, { type: 'queue' });
    this.#share(entry);
    this.#pump();
  }

  /** Sends a file that could not be read any more from the one that was selected again: from its first byte if it was changed. */
  replaceFile(id: string, file: File): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const isChanged = entry.file !== null && entry.file.lastModified !== file.lastModified;
    entry.file = file;
    if (isChanged && entry.task.sent > 0) this.startOver(id);
    else this.retry(id);
  }

  /** Sends a file from its first byte as another upload. */
  startOver(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#stop(entry);
    this.#forget(entry);
    this.#apply(entry, { type: 'start-over' });
    this.#pump();
  }

  /** Goes on with everything that failures of these kinds keep. */
  retryAll(...kinds: readonly FailureKind[]): void {
    const kept = [...this.#entries.values()].filter(
      ({ task: { state } }) =>
        (state.kind === 'failed' || state.kind === 'waiting') && kinds.includes(state.failure.kind),
    );
    for (const { task } of kept) this.retry(task.id);
  }

  /** Removes a file from the list, and what the server has of it. In another tab it is cancelled there. */
  cancel(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { uploadId, state } = entry.task;
    if (state.kind === 'elsewhere' && uploadId !== null) {
      this.#tabs.send({ type: 'cancel', uploadId });
      return;
    }
    if (uploadId !== null) this.#tabs.send({ type: 'ended', uploadId });
    forgetUpload(entry.fingerprint);
    this.#drop(entry);
    if (uploadId !== null) void abandonUpload(uploadId).catch(() => {});
  }

  /** Drops what was received: the server shows it from then on. */
  clear(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.task.state.kind === 'complete') this.#drop(entry);
  }

  #enter(added: NewEntry): Entry {
    this.#created += 1;
    const entry = createEntry(`file ${this.#created}`, added);
    this.#entries.set(entry.task.id, entry);
    this.#changed();
    return entry;
  }

  #find(uploadId: string): Entry | undefined {
    return [...this.#entries.values()].find(({ task }) => task.uploadId === uploadId);
  }

  /** Starts what waits for a place, unless a failure keeps all of them. */
  #pump(): void {
    const states = [...this.#entries.values()].map(({ task }) => task.state);
    const isHeld = states.some(
      (state) => (state.kind === 'failed' || state.kind === 'waiting') && FAILURES[state.failure.kind].holdsAll,
    );
    let places = isHeld ? 0 : SIDE_BY_SIDE - states.filter(isActive).length;
    for (const entry of this.#entries.values()) {
      if (places <= 0) break;
      if (entry.task.state.kind !== 'queued') continue;
      places -= 1;
      void this.#attempt(entry);
    }
    this.#silence.update();
  }

  async #attempt(entry: Entry): Promise<void> {
    entry.run += 1;
    const { run } = entry;
    const isOver = () => entry.run !== run || entry.removed.signal.aborted;
    this.#apply(entry, { type: 'start' });
    const isOwner = await this.#own(entry, isOver);
    if (isOver() || !isOwner) return;
    const { file } = entry;
    if (file === null || !(await isReadable(file))) {
      if (!isOver()) this.#fail(entry, failureHere('unreadable'));
      return;
    }
    if (!isOver()) this.#send(entry, file, isOver);
  }

  /** Makes this tab the owner of the upload, or of creating it. False where another tab is; it then waits for that one. */
  async #own(entry: Entry, isOver: () => boolean): Promise<boolean> {
    if (entry.release !== null) return true;
    if (entry.task.uploadId === null) {
      // Two tabs in which the same file is selected would create an upload each.
      entry.releaseFile ??= await this.#tabs.waitForLock(`file ${entry.fingerprint}`, entry.removed.signal);
      const uploadId = recallUpload(entry.fingerprint);
      if (uploadId === null || isOver()) return true;
      this.#releaseFile(entry);
      entry.isRemembered = true;
      this.#apply(entry, { type: 'created', uploadId });
    }
    const { uploadId } = entry.task;
    const release = await this.#tabs.tryLock(`upload ${uploadId}`);
    if (release !== null) {
      if (isOver()) release();
      else this.#takeOwnership(entry, release);
      return true;
    }
    if (!isOver()) this.#waitForOwner(entry, false);
    return false;
  }

  #takeOwnership(entry: Entry, release: Release): void {
    entry.release = release;
    this.#share(entry);
  }

  #waitForOwner(entry: Entry, isPaused: boolean): void {
    this.#stop(entry);
    this.#apply(entry, { type: 'elsewhere', isPaused });
    this.#pump();
    const { signal } = entry.removed;
    void this.#tabs.waitForLock(`upload ${entry.task.uploadId}`, signal).then(async (release) => {
      if (release === null) return;
      await new Promise((next) => setTimeout(next, TAKE_OVER_MS));
      if (signal.aborted) return release();
      if (entry.file === null) {
        release();
        return this.#drop(entry);
      }
      const { state } = entry.task;
      this.#takeOwnership(entry, release);
      this.#apply(entry, { type: 'queue' });
      if (state.kind === 'elsewhere' && state.isPaused) this.pause(entry.task.id);
      this.#pump();
    });
  }

  /** Shows what another tab sends, and gets ready to go on with it. */
  #standBy({ uploadId, name, size, modelId, part, fingerprint, isPaused, file }: SharedUpload): void {
    const known = this.#find(uploadId);
    if (known !== undefined) {
      if (known.task.state.kind === 'elsewhere') this.#apply(known, { type: 'elsewhere', isPaused });
      known.file ??= file;
      return;
    }
    const task = { name, size, modelId, part, uploadId };
    this.#waitForOwner(this.#enter({ task, file, fingerprint, isRemembered: false }), isPaused);
  }

  #share(entry: Entry): void {
    const shared = describeToTabs(entry);
    if (shared !== null) this.#tabs.send({ type: 'sending', ...shared });
  }

  #send(entry: Entry, file: File, isOver: () => boolean): void {
    entry.upload = createAttempt(entry.task, file, {
      onCreated: (id) => {
        if (isOver() || entry.task.uploadId !== null) return;
        this.#apply(entry, { type: 'created', uploadId: id });
        rememberUpload(entry.fingerprint, id);
        void this.#tabs.tryLock(`upload ${id}`).then((release) => {
          this.#releaseFile(entry);
          if (release === null || entry.task.uploadId !== id || entry.removed.signal.aborted) return release?.();
          this.#takeOwnership(entry, release);
        });
      },
      onProgress: (sent) => {
        if (isOver()) return;
        const isFirst = entry.task.state.kind === 'preparing';
        this.#apply(entry, { type: 'progress', sent, now: Date.now() });
        this.#options.onProgress?.(entry.task);
        // The server answered one: it is there for the others as well.
        if (isFirst) this.retryAll('offline', 'unavailable');
      },
      onSuccess: () => {
        if (!isOver()) this.#complete(entry);
      },
      onFailure: (failure) => {
        if (!isOver()) this.#fail(entry, failure);
      },
    });
    entry.upload.start();
  }

  #complete(entry: Entry): void {
    this.#stop(entry);
    const { uploadId } = entry.task;
    this.#apply(entry, { type: 'complete', now: Date.now() });
    if (uploadId !== null) this.#tabs.send({ type: 'ended', uploadId });
    this.#forget(entry);
    this.#options.onComplete?.();
    this.#pump();
  }

  #fail(entry: Entry, failure: Failure): void {
    this.#stop(entry);
    // An upload of an earlier visit that has expired: what was selected now is sent anew.
    if (failure.kind === 'gone' && entry.isRemembered && entry.task.sent === 0) {
      this.startOver(entry.task.id);
      return;
    }
    this.#apply(entry, { type: 'failed', failure, now: Date.now() });
    const { state } = entry.task;
    if (state.kind === 'waiting') {
      const wait = Math.max(0, state.retryAt - Date.now());
      entry.retry = setTimeout(() => {
        if (entry.task.state !== state) return;
        // What all wait for is tried by those that met it, and the others follow.
        if (FAILURES[failure.kind].holdsAll) void this.#attempt(entry);
        else {
          this.#apply(entry, { type: 'again' });
          this.#pump();
        }
      }, wait);
    }
    this.#pump();
  }

  /** Ends the attempt that is under way. */
  #stop(entry: Entry): void {
    entry.run += 1;
    clearTimeout(entry.retry);
    void entry.upload?.abort().catch(() => {});
    entry.upload = null;
    this.#releaseFile(entry);
  }

  #releaseFile(entry: Entry): void {
    entry.releaseFile?.();
    entry.releaseFile = null;
  }

  /** Frees an upload that this tab has nothing more to do with. */
  #forget(entry: Entry): void {
    forgetUpload(entry.fingerprint);
    entry.isRemembered = false;
    entry.release?.();
    entry.release = null;
  }

  #drop(entry: Entry): void {
    entry.removed.abort();
    this.#stop(entry);
    if (entry.release !== null) this.#forget(entry);
    this.#entries.delete(entry.task.id);
    this.#changed();
    this.#pump();
  }

  #apply(entry: Entry, event: TaskEvent): void {
    const after = nextTask(entry.task, event);
    if (after === entry.task) return;
    entry.task = after;
    this.#changed();
  }

  #changed(): void {
    this.#notifying ??= setTimeout(() => {
      this.#notifying = undefined;
      this.#snapshot = [...this.#entries.values()].map(({ task }) => task);
      for (const changed of this.#listeners) changed();
    }, NOTIFY_MS);
  }
}
