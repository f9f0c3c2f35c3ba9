import { closeSync, constants, openSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/**
 * Files that this process opened before it gave up the right to. They stay open until it ends, and whoever reads one by
 * its path reads through what is open.
 */
const opened = new Map<string, { fd: number; handle: FileHandle | null }>();

/** A link in place of a file leads where this process may go and whoever made the link may not. Windows has no such flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** A file to open, by the path that tasks name it by. */
export interface InputFile {
  path: string;
  /** A link to it, made by whoever started this process, where this process may not name the file itself. */
  link?: string | undefined;
}

/**
 * Opens files for as long as this process lives, without reading anything of them. `isAwaited` is for work that has other
 * threads read. Throws the system's error.
 */
export async function keepOpen(files: readonly InputFile[], { isAwaited }: { isAwaited: boolean }): Promise<void> {
  for (const { path, link } of files) {
    const where = link ?? path;
    const flags = link === undefined ? FLAGS : constants.O_RDONLY;
    const handle = isAwaited ? await (await import('node:fs/promises')).open(where, flags) : null;
    opened.set(path, { fd: handle?.fd ?? openSync(where, flags), handle });
  }
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
