import { openHandle } from '../opened-files.ts';
import { readForwards } from '../read-forwards.ts';
import { HASH_GROUPS, type Hashes } from './digest-set.ts';
import { openHasher } from './hasher.ts';

export interface HashOptions {
  /** Called with the share done, 0 to 1, after each chunk. */
  onProgress?: (fraction: number) => void;
}

/** The digest that a file is known by. */
export const NAME_ALONE: typeof HASH_GROUPS = [['sha256']];

/** Computes every digest in one pass over the file. Throws the system's error when the file cannot be read. */
export async function hashFile(path: string, options: HashOptions = {}): Promise<Hashes> {
  const hash = await prepareHashing(path);
  return await hash(options);
}

/**
 * Opens the file and loads all that hashing it takes, also in the threads. The returned function, to be called once, reads
 * it. `groups` names the digests, where they are not all.
 */
export async function prepareHashing(
  path: string,
  groups = HASH_GROUPS,
): Promise<(options?: HashOptions) => Promise<Hashes>> {
  await using resources = new AsyncDisposableStack();
  const { file } = resources.use(await openHandle(path));
  const { size } = await file.stat();
  const hasher = resources.use(await openHasher(size, groups));
  await hasher.ready();
  const owned = resources.move();
  return async ({ onProgress } = {}) => {
    await using _ = owned;
    for await (const { position, bytes } of readForwards(file, hasher))
      onProgress?.(Math.min(1, (position + bytes.length) / size));
    return await hasher.finish();
  };
}

/** The SHA-256 of a file alone, in hexadecimal. Ends early, with an error, on `signal`. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  await using handle = await openHandle(path);
  const { file } = handle;
  const { size } = await file.stat();
  await using hasher = await openHasher(size, NAME_ALONE);
  for await (const _ of readForwards(file, hasher)) signal?.throwIfAborted();
  return (await hasher.finish()).sha256;
}
