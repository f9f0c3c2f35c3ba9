import type { FileHandle } from 'node:fs/promises';

/**
 * Memory that a file is read into, piece after piece. Whoever is interested in all bytes (a hasher) hands out its own, so
 * that they are copied nowhere.
 */
export interface ReadBuffer {
  /**
   * Where the next bytes go: never empty. What was taken of the one before stays there meanwhile, and is overwritten after
   * the next call at the earliest.
   */
  room(): Promise<Uint8Array>;
  /** Says that so many bytes at the beginning of the last room are those that come next. */
  take(length: number): void;
}

/** Memory that nobody else looks at: two pieces of so many bytes, in turn. */
export function plainBuffer(bytes: number): ReadBuffer {
  const pieces = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)] as const;
  let turn = 0;
  return {
    room: async () => {
      turn = 1 - turn;
      return turn === 0 ? pieces[0] : pieces[1];
    },
    take: () => {},
  };
}

/** Bytes `[start, end)` of a file. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Some bytes of a file, which begin at `position`. */
export interface Piece {
  position: number;
  bytes: Uint8Array;
}

const WHOLE: readonly ByteRange[] = [{ start: 0, end: Number.POSITIVE_INFINITY }];

/**
 * A file, or some ranges of it, in pieces that hold until the next is asked for; that one is read meanwhile. A range ends
 * where the file ends.
 */
export async function* readForwards(
  file: FileHandle,
  buffer: ReadBuffer,
  ranges: readonly ByteRange[] = WHOLE,
): AsyncGenerator<Piece> {
  let index = 0;
  let position = ranges[0]?.start ?? 0;
  const read = async (): Promise<Piece | null> => {
    for (let range = ranges[index]; range !== undefined; range = ranges[index]) {
      const left = range.end - position;
      const room = left > 0 ? await buffer.room() : null;
      const { bytesRead = 0 } = room === null ? {} : await file.read(room, 0, Math.min(room.length, left), position);
      if (room !== null && bytesRead > 0) {
        buffer.take(bytesRead);
        const piece = { position, bytes: room.subarray(0, bytesRead) };
        position += bytesRead;
        return piece;
      }
      index += 1;
      position = ranges[index]?.start ?? 0;
    }
    return null;
  };
  const next = () => {
    const reading = read();
    // It may fail while the caller is at something else, and is waited for afterwards.
    reading.catch(() => undefined);
    return reading;
  };
  let pending = next();
  try {
    while (true) {
      const piece = await pending;
      if (piece === null) return;
      pending = next();
      yield piece;
    }
  } finally {
    await pending.catch(() => undefined);
  }
}
