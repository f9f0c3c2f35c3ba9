import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const HEAD_BYTES = 12;

/** The input that is being tried, in a file: whatever ends the process that tries it, the input is still there. */
export class CurrentInput {
  readonly #fd: number;
  #attempts = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  set(bytes: Uint8Array): void {
    this.#attempts += 1;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeDoubleLE(this.#attempts);
    head.writeUInt32LE(bytes.length, 8);
    writeSync(this.#fd, head, 0, HEAD_BYTES, 0);
    writeSync(this.#fd, bytes, 0, bytes.length, HEAD_BYTES);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** What stands in such a file, and which attempt it is. Null before the first. */
export function readCurrentInput(path: string): { bytes: Uint8Array; attempt: number } | null {
  const all = readFileSync(path);
  if (all.length < HEAD_BYTES) return null;
  return {
    attempt: all.readDoubleLE(0),
    bytes: Uint8Array.from(all.subarray(HEAD_BYTES, HEAD_BYTES + all.readUInt32LE(8))),
  };
}
