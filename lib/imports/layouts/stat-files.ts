import { access, type BigIntStats, constants, stat } from 'node:fs';
import { isSystemError } from '#scanner/errors.ts';
import type { FoundFile, PassedOverReason } from './types.ts';

/** Requests at once. Node answers them in four threads; a NAS is asked the next while it looks for the last. */
const AT_ONCE = 64;
const OWNER_READ = 0o400n;
const OTHERS_READ = 0o004n;

export type StatResult = FoundFile | { why: PassedOverReason; detail?: string };

/** Looks at files, in the order they were named. */
export function statFiles(files: readonly { path: string; absolute: string }[]): Promise<StatResult[]> {
  return new Promise((resolve) => {
    const results: StatResult[] = new Array(files.length);
    let next = 0;
    let open = files.length;
    if (open === 0) resolve(results);
    const go = () => {
      const index = next++;
      const file = files[index];
      if (file === undefined) return;
      statFile(file.path, file.absolute, (result) => {
        results[index] = result;
        if (--open === 0) resolve(results);
        else go();
      });
    };
    for (let started = 0; started < AT_ONCE; started++) go();
  });
}

function statFile(path: string, absolute: string, done: (result: StatResult) => void): void {
  stat(absolute, { bigint: true }, (error, found) => {
    if (error !== null) return done(explainError(error, absolute));
    if (found.isDirectory() || !found.isFile()) return done({ why: 'special' });
    if (found.size === 0n) return done({ why: 'empty' });
    const file: FoundFile = {
      path,
      size: Number(found.size),
      mtimeMs: Number(found.mtimeMs),
      mtimeNs: found.mtimeNs,
      ctimeNs: found.ctimeNs,
      inode: found.ino,
      device: found.dev,
    };
    if (isSurelyReadable(found)) return done(file);
    access(absolute, constants.R_OK, (denied) => done(denied === null ? file : { why: 'unreadable' }));
  });
}

const USER = process.getuid?.();

/** Spares one request for nearly every file: the owner's mode and that of everybody say it. */
function isSurelyReadable({ mode, uid }: BigIntStats): boolean {
  return (
    USER === undefined ||
    USER === 0 ||
    (mode & OTHERS_READ) !== 0n ||
    (uid === BigInt(USER) && (mode & OWNER_READ) !== 0n)
  );
}

/** Why a file or folder could not be read. */
export function explainError(error: unknown, path: string): { why: PassedOverReason; detail?: string } {
  // Bytes that are no UTF-8 become this character, and the name that is then asked for does not exist.
  const isMisread = path.includes('\uFFFD');
  switch (isSystemError(error) ? error.code : '') {
    case 'EACCES':
    case 'EPERM':
      return { why: 'unreadable' };
    case 'ENOENT':
    case 'ENOTDIR':
      return { why: isMisread ? 'invalid-name' : 'vanished' };
    case 'ELOOP':
      return { why: 'link-loop' };
    default:
      return { why: 'read-error', detail: error instanceof Error ? error.message : String(error) };
  }
}
