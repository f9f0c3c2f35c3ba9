import type { Lock, Locker } from '@tus/server';
import { type SessionLock, SessionLocks } from '../db/index.ts';
import { AppError } from '../errors.ts';

/** Longer than tus gives the holder of a lock to end when another request wants it. */
const WAIT_MS = 30_000;

/** What the holder of an upload's lock hears. */
export interface HeldUpload {
  /** Aborted when the lock is lost: nothing may be written any more. */
  lost: AbortSignal;
  /** Aborted when the request is to end, because another one wants the lock. */
  stop: AbortSignal;
}

/** One writer for each upload, across all web processes and workers. */
export class UploadLocks implements Locker {
  readonly #locks = new SessionLocks();
  readonly #held = new Map<string, HeldUpload>();

  /** The lock of one request, as tus takes it. */
  newLock(id: string): Lock {
    let held: SessionLock | null = null;
    return {
      lock: async (signal, requestRelease) => {
        held = await this.#locks.acquire(nameOf(id), {
          signal,
          timeout: WAIT_MS,
          onWanted: () => void requestRelease(),
        });
        if (held === null) throw busy();
        this.#held.set(id, { lost: held.lost, stop: signal });
      },
      unlock: async () => {
        this.#held.delete(id);
        await held?.release();
      },
    };
  }

  /** Of the request of this process that holds an upload. Throws AppError `conflict` where none does. */
  heldBy(id: string): HeldUpload {
    const held = this.#held.get(id);
    if (held === undefined) throw busy();
    return held;
  }

  /** Does what must not be done beside a request. Throws AppError `conflict` where one does not end in time. */
  async withLock<T>(id: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
    const held = await this.#locks.acquire(nameOf(id), { timeout: WAIT_MS });
    if (held === null) throw busy();
    return await useLock(held, work);
  }

  /** The same where nobody works on the upload; nothing where somebody does. */
  async withFreeLock(id: string, work: (lost: AbortSignal) => Promise<void>): Promise<void> {
    const held = await this.#locks.acquire(nameOf(id), { timeout: 0 });
    if (held !== null) await useLock(held, work);
  }
}

async function useLock<T>(held: SessionLock, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await work(held.lost);
  } finally {
    await held.release();
  }
}

function nameOf(id: string): string {
  return `upload ${id}`;
}

function busy(): AppError {
  return new AppError('conflict', 'Another connection is sending this upload. Try again in a moment.');
}
