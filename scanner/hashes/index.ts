export type { Hashes } from './digest-set.ts';
export { type HashOptions, hashFile, prepareHashing, sha256OfFile } from './hash-file.ts';
export { type Hasher, openHasher } from './hasher.ts';
