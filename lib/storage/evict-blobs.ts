import { randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { listMarks } from './cache-marks.ts';

interface Entry {
  name: string;
  sha256: string;
  size: number;
  usedMs: number;
}

/**
 * Drops what was used longest ago until `size` bytes more fit; never what somebody uses or downloads. `sha256` is what
 * they are for: the part of it that is here counts as room. Throws AppError `no_room` where all that is left is in use.
 */
export async function evictBlobs(folder: string, size: number, maxBytes: number, sha256: string): Promise<void> {
  const entries = (await listEntries(folder)).filter((entry) => entry.sha256 !== sha256);
  const marks = (await listMarks(folder)).filter((mark) => mark.sha256 !== sha256);
  // What others are downloading takes its whole size, however much of it is here.
  const downloading = new Map(marks.filter(({ kind }) => kind === 'bring').map((mark) => [mark.sha256, mark.size]));
  const complete = entries.filter((entry) => !downloading.has(entry.sha256));
  let usedBytes = [...downloading.values(), ...complete.map((entry) => entry.size)].reduce((sum, one) => sum + one, 0);

  for (const entry of complete.sort((a, b) => a.usedMs - b.usedMs)) {
    if (usedBytes + size <= maxBytes) return;
    if (await evict(folder, entry)) usedBytes -= entry.size;
  }
  if (usedBytes + size <= maxBytes) return;
  throw new AppError(
    'no_room',
    'The cache of this worker is full and all its files are in use. Increase WEIGHHOUSE_CACHE_GB.',
  );
}

/** Takes a file away under another name first: whoever marked it in that moment gets it back. */
async function evict(folder: string, { name, sha256 }: Entry): Promise<boolean> {
  const isMarked = async () => (await listMarks(folder)).some((mark) => mark.sha256 === sha256);
  if (await isMarked()) return false;
  const path = join(folder, name);
  const evictedPath = join(folder, `dropping-${randomUUID()}`);
  try {
    await rename(path, evictedPath);
  } catch {
    // Another worker made room with it.
    return true;
  }
  const isUsed = await isMarked();
  // It may have been downloaded again meanwhile; then that one stays.
  if (isUsed) await link(evictedPath, path).catch(() => {});
  await rm(evictedPath, { force: true });
  return !isUsed;
}

async function listEntries(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found === null || !found.isFile()) continue;
    // What a process that died was about to drop.
    if (name.startsWith('dropping-')) {
      if (Date.now() - found.ctimeMs > 60_000) await rm(join(folder, name), { force: true });
      continue;
    }
    entries.push({ name, sha256: name.slice(0, 64), size: found.size, usedMs: found.mtimeMs });
  }
  return entries;
}
