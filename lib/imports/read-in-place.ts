import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type FileStamp, isSameStamp, stampOf } from '#scanner/file-stamp.ts';
import { type Hashes, openHasher } from '#scanner/hashes/index.ts';
import { readForwards } from '#scanner/read-forwards.ts';

/** Two changes that follow each other within this may have the same time: one of the system's ticks, or what FAT keeps. */
const FINE_MS = 100;
const COARSE_MS = 2000;
const SECOND_NS = 1_000_000_000n;
/** Neither through a link that stands in place of the file, nor waiting for a pipe. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A file of somebody else's, to be read; without following a link in its place. Throws the system's error. */
export async function openForeign(path: string): Promise<FileHandle> {
  return await open(path, FLAGS);
}

interface ReadFile {
  hashes: Hashes;
  /** Bytes. */
  size: number;
  stamp: FileStamp;
}

/**
 * Reads a file where it lies, to its end. Null where it was changed meanwhile. `mayWait` is for one that stays there: then its
 * stamp says also later whether it has the bytes that were read.
 */
export async function readInPlace(file: FileHandle, { mayWait }: { mayWait: boolean }): Promise<ReadFile | null> {
  const before = await stampNow(file);
  // A change within the same tick as the last one would not show.
  const age = Date.now() - Number(before.ctimeNs / 1_000_000n);
  const settled = before.ctimeNs % SECOND_NS === 0n ? COARSE_MS : FINE_MS;
  if (mayWait && age < settled) await wait(Math.min(settled, settled - age));
  await using hasher = await openHasher(Number(before.size));
  for await (const _ of readForwards(file, hasher));
  const hashes = await hasher.finish();
  const stamp = await stampNow(file);
  return isSameStamp(stamp, before) ? { hashes, size: Number(stamp.size), stamp } : null;
}

/** What the system says of an open file now. */
export async function stampNow(file: FileHandle): Promise<FileStamp> {
  return stampOf(await file.stat({ bigint: true }));
}
