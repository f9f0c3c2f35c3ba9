import { statfs } from 'node:fs/promises';
import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';

/**
 * Makes sure that an upload of `size` bytes finds room, in the transaction that creates its row. Every upload that is under
 * way keeps what it still has to receive; that ends with its row's state, so nothing is left to give back. One upload
 * is created at a time, whichever process creates it. Throws AppError `no_room`.
 */
export async function reserveRoom(tx: Tx, size: number): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('upload room', 0))`;
  const [row] = await tx.$queryRaw<{ reserved: bigint }[]>`
    SELECT COALESCE(SUM(GREATEST(size - "offset", 0)), 0)::bigint AS reserved
    FROM upload WHERE state IN ('receiving', 'received')`;
  const { bavail, bsize } = await statfs(config().home);
  const free = Math.max(0, bavail * bsize - config().spareBytes - Number(row?.reserved ?? 0));
  if (size <= free) return;
  throw new AppError(
    'no_room',
    `Not enough disk space on the server: this file needs ${formatBytes(size)}, and ${formatBytes(free)} is free besides what unfinished uploads need. Contact the administrator.`,
  );
}
