import { writeSync } from 'node:fs';

/**
 * Bytes of one write. For larger ones Linux takes memory in larger blocks, and in a virtual machine those are mostly blocks
 * that it has given back to its host: having them again takes several times as long as the writing itself.
 */
const PIECE_BYTES = 128 * 1024;

/** Writes bytes to a place in a file. Waits for the system, which is mostly shorter than asking another thread to. */
export function writePieces(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(PIECE_BYTES, bytes.length - done);
    done += writeSync(fd, bytes, done, length, position + done);
  }
}
