export { type Hashes, type HashOptions, hashFile } from './hash-file.ts';
