export { addHashed } from './add-hashed.ts';
export { type AcquiredBlob, type BlobCache, type BlobCacheOptions, openBlobCache } from './blob-cache.ts';
export {
  type BlobPlace,
  describePlace,
  enterPlaces,
  LostBlobError,
  type NewPlace,
  type PlaceState,
  renumberPlaces,
  requireBlob,
} from './blob-place.ts';
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
export { type OpenBlob, openBlob, readBlob } from './open-blob.ts';
export { isOpenForWriting } from './open-for-writing.ts';
export { openRemoteStore, type RemoteStore } from './remote-store.ts';
export { type WorkStore, workStore } from './work-store.ts';
