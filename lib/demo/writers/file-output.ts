import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A file written from its start to its end. Runs of zeros are left as holes, so empty gigabytes take no room on disk. */
export class FileOutput {
  readonly #fd: number;
  #position = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  /** Bytes written so far: where the next ones go. */
  get position(): number {
    return this.#position;
  }

  write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#position + done);
    this.#position += bytes.length;
  }

  skipZeros(count: number): void {
    this.#position += count;
  }

  close(): void {
    ftruncateSync(this.#fd, this.#position);
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
