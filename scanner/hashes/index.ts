export type { Hashes } from './digest-set.ts';
export { type HashOptions, hashFile, NAME_ALONE, prepareHashing, sha256OfFile } from './hash-file.ts';
export { type Hasher, openHasher } from './hasher.ts';
export { type Fill, openSharedHasher, type SharedHasher } from './shared-hasher.ts';
