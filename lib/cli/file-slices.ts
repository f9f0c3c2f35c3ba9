import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { UploadOptions } from 'tus-js-client';

/** Bytes read at a time. The client's own reader asks for 64 KiB, and waits for each before it sends the next. */
const READ_BYTES = 4 * 1024 * 1024;

/** Reads the slices of a file, named by its path, for tus-js-client in large pieces. */
export const FILE_SLICES: NonNullable<UploadOptions['fileReader']> = {
  async openFile(path: string) {
    const { size } = await stat(path);
    return {
      size,
      async slice(start: number, end: number) {
        const length = Math.min(end, size) - start;
        const stream = createReadStream(path, { start, end: start + length - 1, highWaterMark: READ_BYTES });
        // The client takes the length of the request's body from here.
        const value: ReadStream & { size?: number } = stream;
        value.size = length;
        return { value, done: start + length >= size };
      },
      close() {},
    };
  },
};
