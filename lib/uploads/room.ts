import { statfs } from 'node:fs/promises';
import { config } from '../config.ts';
import { db, lockNames, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
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
 * keeps what it still has to receive; that ends with its row's state, so nothing is left to give back, and where no byte
 * came for a while (`hasLapsed`). One process creates uploads at a time.
 */
export async function lockRoom(tx: Tx): Promise<Room> {
  await lockNames(tx, ['upload room']);
  const [row] = await tx.$queryRaw<{ reserved: bigint }[]>`
    SELECT COALESCE(SUM(GREATEST(size - "offset", 0)), 0)::bigint AS reserved
    FROM upload WHERE state = 'received' OR (state = 'receiving' AND "updatedAt" >= ${lapsedBefore()})`;
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

/** Throws AppError `no_room` where so many bytes have no room besides what uploads need. */
export async function requireRoom(size: number): Promise<void> {
  const refusal = await db().$transaction(async (tx) => (await lockRoom(tx)).refusal(size));
  if (refusal !== null) throw new AppError('no_room', refusal);
}

/** Whether an upload that last received a byte at `updatedAt` has no room reserved any more. */
export function hasLapsed(updatedAt: Date): boolean {
  return updatedAt < lapsedBefore();
}

/** Reserves once more what an upload still has to receive, before further bytes come. Throws AppError `no_room`. */
export async function renewRoom(id: string): Promise<void> {
  await db().$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ missing: bigint; updatedAt: Date }[]>`
      SELECT GREATEST(size - "offset", 0) AS missing, "updatedAt"
      FROM upload WHERE id = ${id} AND state = 'receiving' FOR UPDATE`;
    if (row === undefined || !hasLapsed(row.updatedAt)) return;
    const refusal = (await lockRoom(tx)).refusal(Number(row.missing));
    if (refusal !== null) throw new AppError('no_room', refusal);
    await tx.upload.update({ where: { id }, data: { updatedAt: new Date() } });
  });
}

function lapsedBefore(): Date {
  return new Date(Date.now() - config().roomMs);
}
