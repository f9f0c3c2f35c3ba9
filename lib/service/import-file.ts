import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { addFile } from '../ingest/index.ts';
import { blobStore } from '../storage/index.ts';

/** Enters a copy of a file of this machine into the catalog, hashed while it is copied, and queues its ingest. */
export async function importFile(
  path: string,
  filename: string,
  ownerId: string,
): Promise<{ fileId: number; duplicate: boolean }> {
  const folder = join(config().home, 'incoming');
  await mkdir(folder, { recursive: true });
  const copy = join(folder, crypto.randomUUID());
  try {
    const hash = createHash('sha256');
    let size = 0;
    const tap = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline(createReadStream(path), tap, createWriteStream(copy));
    const sha256 = hash.digest('hex');
    await blobStore().put(copy, sha256);
    return await db().$transaction((tx) => addFile(tx, { filename, sha256, size, ownerId, modelId: null }));
  } finally {
    await rm(copy, { force: true });
  }
}
