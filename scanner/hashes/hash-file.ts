import { type FileHandle, open } from 'node:fs/promises';
import type { Hashes } from './digest-set.ts';
import { openHasher } from './hasher.ts';

export interface HashOptions {
  /** Called with the share done, 0 to 1, after each chunk. */
  onProgress?: (fraction: number) => void;
}

const CHUNK_BYTES = 8 * 1024 * 1024;

/** Computes every digest in one pass over the file. Throws the system's error when the file cannot be read. */
export async function hashFile(path: string, options: HashOptions = {}): Promise<Hashes> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  await using hasher = await openHasher(size);
  let position = 0;
  for await (const chunk of readForwards(file)) {
    await hasher.update(chunk);
    position += chunk.length;
    options.onProgress?.(Math.min(1, position / size));
  }
  return await hasher.finish();
}

/** The SHA-256 of a file alone, in hexadecimal: what a file is known by. Ends early, with an error, on `signal`. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  await using hasher = await openHasher(size, [['sha256']]);
  for await (const chunk of readForwards(file)) {
    signal?.throwIfAborted();
    await hasher.update(chunk);
  }
  return (await hasher.finish()).sha256;
}

/** A file in chunks that hold until the next is asked for; that one is read meanwhile. */
async function* readForwards(file: FileHandle): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let current = 0;
  let position = 0;
  let pending = file.read(buffers[0], 0, CHUNK_BYTES, 0);
  try {
    while (true) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      position += bytesRead;
      current = 1 - current;
      pending = file.read(current === 0 ? buffers[0] : buffers[1], 0, CHUNK_BYTES, position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await pending.catch(() => undefined);
  }
}
