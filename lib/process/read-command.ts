import { readSync } from 'node:fs';
import { isSystemError } from '#scanner/errors.ts';

const STDIN = 0;
const NEWLINE = 0x0a;
const READ_BYTES = 64 * 1024;
const PAUSE_MS = 5;

let buffered = Buffer.alloc(0);

/**
 * The next command of a process of the channel `lines`; null when no further one follows. This process stands still
 * until it is there: one that was started ahead takes no time while it waits, and loads none of Node's streams.
 */
export function readCommand<Command extends object>(): Command | null {
  for (;;) {
    const end = buffered.indexOf(NEWLINE);
    if (end !== -1) {
      const line = buffered.toString('utf8', 0, end);
      buffered = buffered.subarray(end + 1);
      return JSON.parse(line) as Command;
    }
    const piece = readSome();
    // The last one may have no end of a line.
    if (piece.length > 0) buffered = Buffer.concat([buffered, piece]);
    else if (buffered.length > 0) buffered = Buffer.concat([buffered, Buffer.of(NEWLINE)]);
    else return null;
  }
}

function readSome(): Buffer {
  const bytes = Buffer.allocUnsafe(READ_BYTES);
  for (;;) {
    try {
      return bytes.subarray(0, readSync(STDIN, bytes));
    } catch (error) {
      // What Windows says of the end of a pipe.
      if (isSystemError(error, 'EOF')) return Buffer.alloc(0);
      if (!isSystemError(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
