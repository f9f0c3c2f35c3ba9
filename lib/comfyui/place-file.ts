import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileChangedError, isSystemError } from '#scanner/errors.ts';
import { sha256OfFile } from '#scanner/hashes/index.ts';
import type { ComfyFile } from './types.ts';

/** What is written next to a file that Weighhouse put there; only such files are ever removed. */
export interface Marker {
  sha256: string;
  size: number;
  /** Of the file, in milliseconds: a file that was written since is somebody else's. */
  modified: number;
}

/** File systems that know no finer times round to two seconds. */
const SAME_TIME = 2000;

/** Where the marker of a file lies. ComfyUI lists no names with this ending. */
export function markerOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.weighhouse`);
}

/** Reads a marker; null where there is none, or none that can be read. */
export async function readMarker(path: string): Promise<Marker | null> {
  try {
    const { sha256, size, modified } = JSON.parse(await readFile(markerOf(path), 'utf8'));
    return typeof sha256 === 'string' && typeof size === 'number' && typeof modified === 'number'
      ? { sha256, size, modified }
      : null;
  } catch {
    return null;
  }
}

/** Whether a file is still the one that its marker describes. */
export async function isAsPlaced(path: string, marker: Marker): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return (
    found?.isFile() === true && found.size === marker.size && Math.abs(found.mtimeMs - marker.modified) <= SAME_TIME
  );
}

/**
 * Puts a file at `target`, as a hard link where both are on one file system, else as a copy that gets its name when it
 * is whole. A link to a file that others can change would change with it, so that one is always a copy. A file that is there
 * already is left as it is. Throws the system's error (`ENOSPC`, `EACCES`…), and FileChangedError.
 */
export async function placeFile(
  { path: source, sha256, isChangeable = false }: Pick<ComfyFile, 'path' | 'sha256' | 'isChangeable'>,
  target: string,
): Promise<'placed' | 'there'> {
  await mkdir(dirname(target), { recursive: true });
  if (await exists(target)) return 'there';
  const { size, mtime, mtimeMs } = await stat(source);
  // Written first: a file without a marker would stay for ever when this process ends in between.
  const marker: Marker = { sha256, size, modified: mtimeMs };
  await writeFile(markerOf(target), JSON.stringify(marker));
  try {
    if (isChangeable) await copyChecked(source, target, { modified: mtime, sha256 });
    else await linkOrCopy(source, target, mtime);
    return 'placed';
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) {
      // Another process was faster; if it was not one of Weighhouse's, the marker does not fit and counts for nothing.
      return 'there';
    }
    await rm(markerOf(target), { force: true });
    throw error;
  }
}

async function linkOrCopy(source: string, target: string, modified: Date): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    // Another file system, one without links, or one that links only its owner's files.
    if (!isSystemError(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS', 'EACCES')) throw error;
    await copyChecked(source, target, { modified });
  }
}

/** A copy that gets its name when it is whole, and has this SHA-256 where one is given. */
async function copyChecked(
  source: string,
  target: string,
  { modified, sha256 }: { modified: Date; sha256?: string },
): Promise<void> {
  const part = `${target}.${randomUUID()}.part`;
  try {
    await copyFile(source, part, constants.COPYFILE_FICLONE);
    if (sha256 !== undefined && (await sha256OfFile(part)) !== sha256)
      throw new FileChangedError('The file has other bytes than when it was imported.');
    await utimes(part, modified, modified);
    if (!(await exists(target))) await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
