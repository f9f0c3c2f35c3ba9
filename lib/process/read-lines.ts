import type { Readable } from 'node:stream';

const NEWLINE = 0x0a;
const SMALL = 64 * 1024;

/**
 * Hands out each line of a stream, the last one also without its end. A line of more than `maxBytes` is not kept:
 * `onTooLong` is told, once, and nothing is handed out any more.
 */
export function readLines(
  stream: Readable,
  maxBytes: number,
  { onLine, onTooLong }: { onLine: (line: string) => void; onTooLong: () => void },
): void {
  // One buffer that grows, because a writer may send its bytes one by one.
  let buffered = Buffer.allocUnsafe(SMALL);
  let length = 0;
  let isTooLong = false;

  const buffer = (bytes: Buffer) => {
    const needed = length + bytes.length;
    if (needed > maxBytes) {
      isTooLong = true;
      buffered = Buffer.alloc(0);
      onTooLong();
      return;
    }
    if (needed > buffered.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * buffered.length));
      buffered.copy(grown, 0, 0, length);
      buffered = grown;
    }
    bytes.copy(buffered, length);
    length = needed;
  };
  const emit = () => {
    const line = buffered.toString('utf8', 0, length);
    if (buffered.length > SMALL) buffered = Buffer.allocUnsafe(SMALL);
    length = 0;
    onLine(line);
  };

  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1 && !isTooLong; to = chunk.indexOf(NEWLINE, from)) {
      buffer(chunk.subarray(from, to));
      if (!isTooLong) emit();
      from = to + 1;
    }
    if (!isTooLong) buffer(chunk.subarray(from));
  });
  stream.once('end', () => {
    if (!isTooLong && length > 0) emit();
  });
}
