import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { FileChangedError } from './errors.ts';
import { formatStamp, stampOf } from './file-stamp.ts';

/**
 * Files that this process opened before it gave up the right to. They stay open until it ends, and whoever reads one by
 * its path reads through what is open.
 */
const opened = new Map<string, { fd: number; handle: FileHandle | null }>();

/** Those of them that others can change. */
const guarded: { fd: number; stamp: string; sha256: string | undefined }[] = [];

/** A link in place of a file leads where this process may go and whoever made the link may not. Windows has no such flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
/** A pipe in place of a file would never open. */
const AT_ONCE = constants.O_NONBLOCK ?? 0;
const READ_BYTES = 1024 * 1024;

/** A file to open, by the path that tasks name it by. */
export interface InputFile {
  path: string;
  /** A link to it, made by whoever started this process, where this process may not name the file itself. */
  link?: string | undefined;
  /** Of a file that others can change: its stamp (`formatStamp`), which must hold as long as the file is read. */
  stamp?: string | undefined;
  /** What its bytes must have where a verdict rests on them; with a stamp. */
  sha256?: string | undefined;
}

/**
 * Opens files for as long as this process lives, without reading anything of them. `isAwaited` is for work that has other
 * threads read. Throws the system's error, and FileChangedError for a file that is not as its stamp says.
 */
export async function keepOpen(files: readonly InputFile[], { isAwaited }: { isAwaited: boolean }): Promise<void> {
  for (const { path, link, stamp, sha256 } of files) {
    const where = link ?? path;
    const flags = (link === undefined ? FLAGS : constants.O_RDONLY) | (stamp === undefined ? 0 : AT_ONCE);
    const handle = isAwaited ? await (await import('node:fs/promises')).open(where, flags) : null;
    const fd = handle?.fd ?? openSync(where, flags);
    opened.set(path, { fd, handle });
    if (stamp !== undefined) guarded.push({ fd, stamp, sha256 });
  }
  checkKept();
}

/** Throws FileChangedError unless every kept file with a stamp is still as that says: on what is open, whatever its path leads to. */
export function checkKept(): void {
  for (const { fd, stamp } of guarded)
    if (formatStamp(stampOf(fstatSync(fd, { bigint: true }))) !== stamp)
      throw new FileChangedError('The file was changed on the disk after it was imported.');
}

/**
 * Reads every kept file whose SHA-256 is known to its end, through what is open, and then checks the stamps. So what was
 * read of it before are the bytes of that digest. Throws FileChangedError where they are not.
 */
export function verifyKept(): void {
  if (guarded.length === 0) return;
  // Few processes need it.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const piece = Buffer.allocUnsafeSlow(READ_BYTES);
  for (const { fd, sha256 } of guarded) {
    if (sha256 === undefined) continue;
    const hash = createHash('sha256');
    for (let at = 0; ; ) {
      const count = readSync(fd, piece, 0, piece.length, at);
      if (count === 0) break;
      hash.update(piece.subarray(0, count));
      at += count;
    }
    if (hash.digest('hex') !== sha256)
      throw new FileChangedError('The file has other bytes than when it was imported.');
  }
  checkKept();
}

/**
 * The paths below a folder, relative to it, of the files that are kept open there; null where there are none. A folder that
 * is there by name alone has no others.
 */
export function listKept(folder: string): string[] | null {
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  const paths = [...opened.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  return paths.length === 0 ? null : paths;
}

/** A descriptor to read a file by. Throws the system's error. */
export function openDescriptor(path: string): { fd: number; close(): void } {
  const known = opened.get(path);
  if (known !== undefined) return { fd: known.fd, close: () => {} };
  const fd = openSync(path, 'r');
  return { fd, close: () => closeSync(fd) };
}

/** The same for reading in other threads. Must be closed. */
export async function openHandle(path: string): Promise<AsyncDisposable & { file: FileHandle }> {
  const known = opened.get(path)?.handle ?? null;
  if (known !== null) return { file: known, [Symbol.asyncDispose]: async () => {} };
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'r');
  return { file, [Symbol.asyncDispose]: () => file.close() };
}
