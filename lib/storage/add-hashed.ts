import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hasher, type Hashes, openHasher } from '#scanner/hashes/index.ts';
import { readForwards } from '#scanner/read-forwards.ts';
import { type BlobStore, blobStore, type StoredBlob } from './blob-store.ts';
import { FreshFile } from './fresh-file.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Copies an open file of somebody else's into the store, as a clone where the file system can, and computes every digest of
 * what then lies there. The file is read once; what was written is read back from the system's memory. The source stays.
 */
export async function addHashed(
  source: FileHandle,
  store: BlobStore = blobStore(),
): Promise<StoredBlob & { hashes: Hashes }> {
  const incoming = join(store.folder, 'incoming');
  await mkdir(incoming, { recursive: true });
  const target = join(incoming, randomUUID());
  // By its path it might be another file by now. Elsewhere an open file has no name.
  const clone = process.platform === 'linux' ? await FreshFile.clone(`/proc/self/fd/${source.fd}`, target) : null;
  const file = clone ?? (await FreshFile.create(target));
  try {
    await using reader = await open(target, 'r');
    const { size: expected } = clone === null ? await source.stat() : await reader.stat();
    await using hasher = await openHasher(expected);
    const size = clone === null ? await copy(source, file, reader, hasher, expected) : await readAll(reader, hasher);
    const hashes = await hasher.finish();
    await file.pause();
    return { ...(await store.adopt(file, hashes.sha256, size, { isReadBack: true })), hashes };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Every piece is hashed as the copy has it. Returns how many bytes there were. */
async function copy(
  source: FileHandle,
  file: FreshFile,
  reader: FileHandle,
  hasher: Hasher,
  expected: number,
): Promise<number> {
  // Memory outside of its heap makes V8 collect garbage the more often.
  const piece = Buffer.allocUnsafeSlow(Math.max(1, Math.min(PIECE_BYTES, expected)));
  for (let size = 0; ; ) {
    const { bytesRead } = await source.read(piece, 0, piece.length, size);
    if (bytesRead === 0) return size;
    await file.write(piece.subarray(0, bytesRead), size);
    for (const end = size + bytesRead; size < end; ) {
      const room = await hasher.room();
      const read = await reader.read(room, 0, Math.min(room.length, end - size), size);
      if (read.bytesRead === 0) throw new Error('What was written cannot be read back.');
      hasher.take(read.bytesRead);
      size += read.bytesRead;
    }
  }
}

async function readAll(reader: FileHandle, hasher: Hasher): Promise<number> {
  let size = 0;
  for await (const { bytes } of readForwards(reader, hasher)) size += bytes.length;
  return size;
}
