import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import type { Fill } from '#scanner/hashes/index.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Bytes `[start, end)` of an upload, in a file that one process wrote. Where another process goes on it writes a part of
 * its own; so whatever a process writes that has lost its lock lands behind the end of its part, where nobody reads.
 */
export interface Part {
  path: string;
  start: number;
  end: number;
}

/** The parts of an upload in `folder`, in order and without gaps. An older version left the upload in one file. */
export async function listParts(folder: string, id: string): Promise<Part[]> {
  const old = join(folder, id);
  const found: { path: string; start: number; size: number }[] = [];
  const oldSize = await sizeOf(old);
  if (oldSize !== null) found.push({ path: old, start: 0, size: oldSize });
  const names = (await readdir(partsFolder(folder, id)).catch(emptyIfMissing))
    .map((name) => ({ name, match: /^(\d+)-(\d+)$/.exec(name) }))
    .flatMap(({ name, match }) => (match === null ? [] : [{ name, number: Number(match[1]), start: Number(match[2]) }]))
    .sort((a, b) => a.number - b.number);
  for (const { name, start } of names) {
    const path = join(partsFolder(folder, id), name);
    found.push({ path, start, size: (await sizeOf(path)) ?? 0 });
  }
  return found.map(({ path, start, size }, index) => ({
    path,
    start,
    end: Math.min(start + size, found[index + 1]?.start ?? Number.POSITIVE_INFINITY),
  }));
}

/** Where the next part goes, at `start`. The name is the same for two processes that both take the turn: one gets it. */
export function nextPart(folder: string, id: string, parts: readonly Part[], start: number): string {
  return join(partsFolder(folder, id), `${parts.length}-${start}`);
}

export function partsFolder(folder: string, id: string): string {
  return join(folder, `${id}.parts`);
}

/** Bytes `[from, to)` of the upload that these parts are. Throws where they are not all there. */
export async function* readParts(parts: readonly Part[], from: number, to: number): AsyncGenerator<Buffer> {
  for await (const { file, position, length } of openParts(parts, from, to)) {
    for (let done = 0; done < length; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, length - done));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position + done);
      if (bytesRead === 0) throw missing();
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** The same, read into the memory that `take` has for them. */
export async function fillFromParts(
  parts: readonly Part[],
  from: number,
  to: number,
  take: (fill: Fill) => Promise<number>,
): Promise<void> {
  for await (const { file, position, length } of openParts(parts, from, to)) {
    for (let done = 0; done < length; ) {
      const fill: Fill = async (room) =>
        (await file.read(room, 0, Math.min(room.length, length - done), position + done)).bytesRead;
      const bytesRead = await take(fill);
      if (bytesRead === 0) throw missing();
      done += bytesRead;
    }
  }
}

interface OpenRange {
  file: FileHandle;
  /** In the file. */
  position: number;
  length: number;
}

/** Where bytes `[from, to)` lie, one part after the other, each open until the next is asked for. */
async function* openParts(parts: readonly Part[], from: number, to: number): AsyncGenerator<OpenRange> {
  let position = from;
  for (const { path, start, end } of parts) {
    if (end <= position || start > position || position >= to) continue;
    await using file = await open(path, 'r');
    const length = Math.min(end, to) - position;
    yield { file, position: position - start, length };
    position += length;
  }
  if (position < to) throw missing();
}

function missing(): Error {
  return new Error('The uploaded file is shorter than the received data.');
}

/** Removes all parts of an upload; nothing where there is nothing. */
export async function removeParts(folder: string, id: string): Promise<void> {
  await rm(partsFolder(folder, id), { recursive: true, force: true });
  await rm(join(folder, id), { force: true });
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

function emptyIfMissing(error: unknown): string[] {
  if (isSystemError(error, 'ENOENT')) return [];
  throw error;
}
