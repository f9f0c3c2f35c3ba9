import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { config } from '../config.ts';
import { type AcquiredBlob, openBlobCache } from './blob-cache.ts';
import { requireBlob } from './blob-place.ts';
import { blobStore } from './blob-store.ts';
import { openBlob } from './open-blob.ts';
import { openRemoteStore } from './remote-store.ts';

/** Where a worker gets files and leaves pictures, whichever machine the store is on. */
export interface WorkStore {
  /** Downloads a file. Throws AppError with a sentence for the operator where it cannot be had. */
  acquire(sha256: string, signal?: AbortSignal): Promise<AcquiredBlob>;
  /** Puts a picture into the store. Returns its SHA-256. The catalog does not know it yet. */
  put(bytes: Uint8Array): Promise<string>;
}

/** The store that the settings name: the folder of this machine, or a web server's through a cache on this disk. */
export function workStore(): WorkStore {
  const { remoteStore, home, cacheBytes } = config();
  if (remoteStore === null) return LOCAL;
  const remote = openRemoteStore(remoteStore);
  const cache = openBlobCache({ folder: join(home, 'cache'), maxBytes: cacheBytes, remote });
  return { acquire: cache.acquire, put: (bytes) => remote.put(digestOf(bytes), bytes) };
}

const unchangeable = (path: string): AcquiredBlob => ({
  path,
  isChangeable: false,
  confirm: async () => {},
  release: async () => {},
});

const LOCAL: WorkStore = {
  async acquire(sha256) {
    const place = await requireBlob(sha256);
    if (place.stamp === null) return unchangeable(place.path);
    const blob = await openBlob(place);
    return {
      path: place.path,
      isChangeable: true,
      confirm: blob.check,
      release: async () => await blob[Symbol.asyncDispose](),
    };
  },
  put: async (bytes) => (await blobStore().add([bytes])).sha256,
};

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
