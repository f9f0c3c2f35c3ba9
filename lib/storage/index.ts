export { type AcquiredBlob, type BlobCache, type BlobCacheOptions, openBlobCache } from './blob-cache.ts';
export {
  type BlobRange,
  type BlobSource,
  type BlobStore,
  blobStore,
  DigestError,
  openBlobStore,
  type StoredBlob,
} from './blob-store.ts';
export { FreshFile } from './fresh-file.ts';
export { openRemoteStore, type RemoteStore } from './remote-store.ts';
export { type WorkStore, workStore } from './work-store.ts';
