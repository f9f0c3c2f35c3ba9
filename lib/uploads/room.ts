import { statfs } from 'node:fs/promises';
import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { formatBytes } from '../format-bytes.ts';

/** Room for uploads, in a transaction that holds everybody else off promising any. */
export interface Room {
  /** A sentence for people; null where so many bytes have room as well. */
  refusal(size: number): string | null;
  /** Counts what is promised. */
  add(size: number): void;
}

/**
 * What room there is for more uploads, until the transaction that creates their rows ends. Every upload that is under way
 * keeps what it still has to receive; that ends with its row's state, so nothing is left to give back. One process
 * creates uploads at a time.
 */
export async function lockRoom(tx: Tx): Promise<Room> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('upload room', 0))`;
  const [row] = await tx.$queryRaw<{ reserved: bigint }[]>`
    SELECT COALESCE(SUM(GREATEST(size - "offset", 0)), 0)::bigint AS reserved
    FROM upload WHERE state IN ('receiving', 'received')`;
  const { bavail, bsize } = await statfs(config().home);
  let free = Math.max(0, bavail * bsize - config().spareBytes - Number(row?.reserved ?? 0));
  return {
    refusal: (size) =>
      size <= free
        ? null
        : `Not enough disk space on the server: this file needs ${formatBytes(size)}, and ${formatBytes(free)} is free besides what unfinished uploads need. Contact the administrator.`,
    add(size) {
      free -= size;
    },
  };
}
