export { type BlobRange, type BlobStore, blobStore, openBlobStore } from './blob-store.ts';
