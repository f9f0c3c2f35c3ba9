import { fstatSync, readSync } from 'node:fs';
import { openDescriptor } from './opened-files.ts';

/**
 * Random access to the bytes of one file. Reads are synchronous: the scanner runs in a process (or thread) of its own,
 * and an opcode machine that awaits is many times slower.
 */
export interface ByteSource {
  /** Size in bytes. */
  readonly size: number;
  /**
   * The bytes `[offset, offset + length)`, shortened at the end of the file: an answer shorter than asked means that
   * the file ends there. Never throws for a range outside the file.
   */
  read(offset: number, length: number): Uint8Array;
}

/** A file on disk that must be closed. Throws the system's error (`ENOENT`, `EACCES`…) when it cannot be opened. */
export interface FileSource extends ByteSource {
  readonly path: string;
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Reads of no more bytes share Node's pool: a buffer of its own takes several hundred bytes next to them, for each of
 * 100,000 headers.
 */
const POOLED_BYTES = 2048;
/** A file of no more is read whole, once: a checkpoint of a megabyte is asked for some fifteen thousand small pieces. */
const WHOLE_BYTES = 4 * 1024 * 1024;

export function openFileSource(path: string): FileSource {
  const { fd, close } = openDescriptor(path);
  const size = fstatSync(fd).size;

  const readFrom = (offset: number, length: number) => {
    const bytes = length <= POOLED_BYTES ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(fd, bytes, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return new Uint8Array(bytes.buffer, bytes.byteOffset, filled);
  };
  let whole: ByteSource | null = null;

  return {
    path,
    size,
    close,
    [Symbol.dispose]: close,
    read(offset, length) {
      if (size <= WHOLE_BYTES) {
        whole ??= bytesSource(readFrom(0, size));
        return whole.read(offset, length);
      }
      return readFrom(offset, Math.max(0, Math.min(length, size - offset)));
    },
  };
}

/** A source over bytes already in memory: members of archives, tests. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)),
  };
}

/** A window `[start, start + size)` of another source, for a member stored without compression. */
export function sliceSource(source: ByteSource, start: number, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      return source.read(start + offset, wanted);
    },
  };
}
