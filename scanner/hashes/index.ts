export { type HashOptions, type Hashes, hashFile } from './hash-file.ts';
