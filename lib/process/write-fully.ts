import { writeSync } from 'node:fs';
import { isSystemError } from '#scanner/errors.ts';

const PAUSE_MS = 5;

/** Writes to a descriptor to the end, before anything else happens, and without the streams of Node, which take a while to load. */
export function writeFully(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSome(descriptor, bytes, written);
}

/** A pipe that is full says so; the reader is another process, so trying again is waiting for it. */
function writeSome(descriptor: number, bytes: Buffer, offset: number): number {
  try {
    return writeSync(descriptor, bytes, offset);
  } catch (error) {
    if (!isSystemError(error, 'EAGAIN')) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    return 0;
  }
}
