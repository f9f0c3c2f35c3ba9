import { stat } from 'node:fs/promises';
import { db, type Tx } from '../db/index.ts';
import { blobStore, type FreshFile } from '../storage/index.ts';
import { digestsOf } from './add-file.ts';
import type { StageResults } from './stages.ts';

/**
 * Verifies what a stage wrote and moves it into the store; `enter` keeps its SHA-256 in the same transaction as its
 * digests. Nobody can change `file` any more: what is verified are the bytes that are stored, and the disk takes them
 * meanwhile.
 */
export async function storeVerified(
  file: FreshFile,
  verify: () => Promise<StageResults['verify']>,
  { before, enter }: { before?: (tx: Tx) => Promise<unknown>; enter: (tx: Tx, sha256: string) => Promise<unknown> },
): Promise<void> {
  try {
    await file.beginFlush();
    const { hashes } = await verify();
    const { sha256 } = hashes;
    const { size } = await blobStore().adopt(file, sha256, (await stat(file.path)).size);
    await db().$transaction(async (tx) => {
      await before?.(tx);
      const digests = digestsOf(hashes);
      await tx.blob.upsert({ where: { sha256 }, create: { sha256, size, ...digests }, update: digests });
      await enter(tx, sha256);
    });
  } catch (error) {
    await file.discard();
    throw error;
  }
}
