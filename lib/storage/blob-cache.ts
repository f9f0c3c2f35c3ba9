import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import { createMark, isMarked } from './cache-marks.ts';
import { evictBlobs } from './evict-blobs.ts';
import { type RemoteStore, withRetries } from './remote-store.ts';

/** Bytes that are on this machine until they are released. */
export interface AcquiredBlob {
  path: string;
  /** Whether others can change the file: one that was imported in place. */
  isChangeable: boolean;
  /**
   * Throws AppError where the file at `path` is no longer the one that was asked for: others can change what was imported
   * in place. What was made of it before is only then of these bytes.
   */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

export interface BlobCacheOptions {
  folder: string;
  /**
   * Most that may lie in the folder. What is in use may not be dropped, so nothing more is downloaded when that fills
   * it.
   */
  maxBytes: number;
  remote: RemoteStore;
}

export interface BlobCache {
  /** Downloads a file and keeps it until it is let go. Throws AppError. */
  acquire(sha256: string, signal?: AbortSignal): Promise<AcquiredBlob>;
}

const POLL_MS = 250;

/**
 * Files of a store elsewhere, on this disk: those used last, as many as fit. Several workers may share the folder. A
 * download that was cut goes on where it stopped, also after a restart; what arrived counts when its digest is right.
 */
export function openBlobCache({ folder, maxBytes, remote }: BlobCacheOptions): BlobCache {
  async function acquire(sha256: string, signal?: AbortSignal): Promise<AcquiredBlob> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('A blob is named by 64 lower-case hex digits.');
    await mkdir(folder, { recursive: true });
    // Marked before it is looked for: whoever makes room meanwhile sees the mark.
    const mark = await createMark(folder, sha256, 'use');
    try {
      const path = join(folder, sha256);
      while (!(await exists(path))) await download(sha256, path, signal);
      const now = new Date();
      await utimes(path, now, now);
      return { path, isChangeable: false, confirm: async () => {}, release: () => mark.remove() };
    } catch (error) {
      await mark.remove();
      throw error;
    }
  }

  /** One worker downloads it; the others wait until it is there, or until that one has died. */
  async function download(sha256: string, path: string, signal?: AbortSignal): Promise<void> {
    if (await isMarked(folder, sha256, 'bring')) {
      await wait(POLL_MS, undefined, signal === undefined ? {} : { signal });
      return;
    }
    const size = await remote.sizeOf(sha256, signal);
    if (size > maxBytes)
      throw new AppError(
        'no_room',
        `This file is ${formatBytes(size)}, but the cache limit of this worker is ${formatBytes(maxBytes)}. Increase WEIGHHOUSE_CACHE_GB.`,
      );
    const mark = await createMark(folder, sha256, 'bring', size);
    try {
      await evictBlobs(folder, size, maxBytes, sha256);
      await downloadInto(`${path}.part`, sha256, size, signal);
      await rename(`${path}.part`, path);
    } catch (error) {
      // Another worker, which took this one for dead, was a moment faster with the same bytes.
      if (!(await exists(path))) throw error;
    } finally {
      await mark.remove();
    }
  }

  async function downloadInto(part: string, sha256: string, size: number, signal?: AbortSignal): Promise<void> {
    for (const isLastTry of [false, true]) {
      await withRetries(() => resumeDownload(part, sha256, signal), signal);
      const found = await stat(part);
      if (found.size === size && (await digestOf(part)) === sha256) return;
      await rm(part, { force: true });
      if (isLastTry) throw new AppError('unavailable', 'The store returned different data than requested.');
    }
  }

  async function resumeDownload(part: string, sha256: string, signal?: AbortSignal): Promise<void> {
    // Every piece is written at its own place, so that two writers, should it come to that, write the same.
    const handle = await open(part, 'a').then(async (created) => {
      await created.close();
      return open(part, 'r+');
    });
    try {
      const { size: offset } = await handle.stat();
      await remote.download(
        sha256,
        offset,
        async (piece, at) => {
          let written = 0;
          while (written < piece.length) {
            const { bytesWritten } = await handle.write(piece, written, piece.length - written, at + written);
            written += bytesWritten;
          }
        },
        signal,
      );
    } finally {
      await handle.close();
    }
  }

  return { acquire };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
