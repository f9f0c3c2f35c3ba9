import type { BigIntStats } from 'node:fs';

/**
 * What the system says of a file by which it is known again, and known not to have been changed: size, times in
 * nanoseconds, inode and device. No program can set `ctimeNs`, the time of the last change of anything about it. Inode and
 * device are the signed numbers that a database keeps.
 */
export interface FileStamp {
  /** Bytes. */
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  inode: bigint;
  device: bigint;
}

/** The stamp of a file, by what the system says of it now. */
export function stampOf({
  size,
  mtimeNs,
  ctimeNs,
  ino,
  dev,
}: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino' | 'dev'>): FileStamp {
  return { size, mtimeNs, ctimeNs, inode: BigInt.asIntN(64, ino), device: BigInt.asIntN(64, dev) };
}

/** One line for a stamp, by which two are compared. */
export function formatStamp({ size, mtimeNs, ctimeNs, inode, device }: FileStamp): string {
  return [size, mtimeNs, ctimeNs, inode, device].join(':');
}

export function isSameStamp(one: FileStamp, other: FileStamp): boolean {
  return formatStamp(one) === formatStamp(other);
}
