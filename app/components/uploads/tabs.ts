/** What the tabs of this browser tell each other about uploads. */
export type TabMessage =
  /** A tab was opened: those that send say what. */
  | { type: 'hello' }
  /** This tab sends an upload. The others take the file, so that one of them goes on when this one is closed. */
  | ({ type: 'sending' } & SharedUpload)
  /** It was received or cancelled. */
  | { type: 'ended'; uploadId: string }
  /** Somebody cancels it in another tab. */
  | { type: 'cancel'; uploadId: string }
  | { type: 'signed-in' };

export interface SharedUpload {
  uploadId: string;
  name: string;
  size: number;
  modelId: number | null;
  /** As in `UploadTask`. */
  part: { set: string; path: string } | null;
  fingerprint: string;
  isPaused: boolean;
  /** Null where the browser cannot hand files to other tabs. */
  file: File | null;
}

/** Gives a lock back. */
export type Release = () => void;

/**
 * Which tab owns an upload, by Web Locks: the browser frees a tab's locks when it is closed or crashes. Browsers offer them
 * to HTTPS and localhost alone; elsewhere the tabs ask each other.
 */
export class Tabs {
  readonly #channel = openChannel('weighhouse-uploads');
  readonly #locks: TabLocks = 'locks' in navigator ? new WebLocks() : new AskedLocks();

  /** The lock of that name if no other tab has it; null where one does. */
  tryLock(name: string): Promise<Release | null> {
    return this.#locks.tryLock(name);
  }

  /** Waits for the lock of that name. Null where `signal` was aborted before. */
  waitForLock(name: string, signal: AbortSignal): Promise<Release | null> {
    return this.#locks.waitForLock(name, signal);
  }

  send(message: TabMessage): void {
    try {
      this.#channel?.postMessage(message);
    } catch {
      // A file that cannot be handed on.
      if (message.type === 'sending') this.#channel?.postMessage({ ...message, file: null });
    }
  }

  listen(hear: (message: TabMessage) => void): void {
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => hear(data));
  }

  close(): void {
    this.#channel?.close();
    this.#locks.close();
  }
}

function openChannel(name: string): BroadcastChannel | null {
  return 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
}

interface TabLocks {
  tryLock(name: string): Promise<Release | null>;
  waitForLock(name: string, signal: AbortSignal): Promise<Release | null>;
  close(): void;
}

class WebLocks implements TabLocks {
  tryLock(name: string): Promise<Release | null> {
    return this.#request(name, { ifAvailable: true });
  }

  waitForLock(name: string, signal: AbortSignal): Promise<Release | null> {
    return this.#request(name, { signal });
  }

  close(): void {}

  #request(name: string, options: LockOptions): Promise<Release | null> {
    return new Promise((resolve) => {
      navigator.locks
        .request(`weighhouse ${name}`, options, (lock) => {
          if (lock === null) return resolve(null);
          return new Promise<void>((release) => resolve(release));
        })
        .catch(() => resolve(null));
    });
  }
}

type Question = { type: 'whose' | 'mine'; name: string; claim: number };

const ANSWER_MS = 300;
const ASK_AGAIN_MS = 2000;

/** A tab that has a lock, or claimed it first, says so when another one asks; one that was closed does not. */
class AskedLocks implements TabLocks {
  readonly #channel = openChannel('weighhouse-locks');
  /** The claims of this tab by name; 0 for what it has. */
  readonly #claims = new Map<string, number>();
  readonly #refused = new Set<string>();

  constructor() {
    this.#channel?.addEventListener('message', ({ data: { type, name, claim } }: MessageEvent<Question>) => {
      const own = this.#claims.get(name);
      if (own === undefined) return;
      if (type === 'mine' || own >= claim) this.#refused.add(name);
      else this.#channel?.postMessage({ type: 'mine', name, claim: own } satisfies Question);
    });
  }

  async tryLock(name: string): Promise<Release | null> {
    if (this.#claims.has(name)) return null;
    const claim = Math.random();
    this.#claims.set(name, claim);
    this.#refused.delete(name);
    this.#channel?.postMessage({ type: 'whose', name, claim } satisfies Question);
    await new Promise((next) => setTimeout(next, ANSWER_MS));
    if (this.#refused.has(name)) {
      this.#claims.delete(name);
      return null;
    }
    this.#claims.set(name, 0);
    return () => void this.#claims.delete(name);
  }

  async waitForLock(name: string, signal: AbortSignal): Promise<Release | null> {
    while (!signal.aborted) {
      const release = await this.tryLock(name);
      if (release !== null && signal.aborted) release();
      else if (release !== null) return release;
      await new Promise((next) => setTimeout(next, ASK_AGAIN_MS));
    }
    return null;
  }

  close(): void {
    this.#channel?.close();
  }
}
