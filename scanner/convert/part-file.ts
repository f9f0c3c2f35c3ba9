import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from '../errors.ts';

/**
 * Makes a file appear whole or not at all: `write` fills `<target>.part`, which is flushed to disk and renamed. Nothing
 * is left when it throws; a power cut leaves either nothing under the name `target` or all of it. With `flush` false
 * that is so only once the caller has called `flushFile`. `write` gets the path too, to read back what it wrote.
 */
export async function writeWhole<T>(
  target: string,
  write: (file: FileHandle, path: string) => Promise<T>,
  { flush: flushes = true }: { flush?: boolean } = {},
): Promise<T> {
  const part = `${target}.part`;
  let result: T;
  try {
    {
      await using file = await open(part, 'w');
      result = await write(file, part);
      if (flushes) await flush(file);
    }
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  if (flushes) await flushFolderOf(target);
  return result;
}

/**
 * Waits until the disk has what was written to a file, by whomever. A write that the system could not bring to the disk
 * since is an error here.
 */
export async function flushFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await flush(file);
}

/** Node's permission model forbids flushing: whoever takes the file out of such a sandbox has to flush it. */
async function flush(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!isSystemError(error, 'ERR_ACCESS_DENIED')) throw error;
  }
}

/** Makes a rename itself survive a power cut. File systems that cannot flush a folder say so, and that is all right. */
export async function flushFolderOf(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path), 'r');
    await flush(folder);
  } catch {
    // Windows, and a sandbox that may write one file only, refuse to open a folder.
  }
}
