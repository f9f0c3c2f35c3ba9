import type { Readable, Writable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

/** Of the length before each message. */
const LENGTH_BYTES = 4;

/** Writes one message: its length and then what V8 makes of it, so any value that can be cloned. */
export function writeFrame(stream: Writable, message: object, onWritten: () => void = () => {}): void {
  const body = serialize(message);
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  stream.write(length);
  stream.write(body, onWritten);
}

/**
 * Hands out each message of a stream that `writeFrame` wrote to. One of more than `maxBytes` is refused by its length, so
 * that nothing of it is kept, and so is one that is no message: `onRefused` is told, once, and nothing is handed out any more.
 */
export function readFrames(
  stream: Readable,
  maxBytes: number,
  { onMessage, onRefused }: { onMessage: (message: object) => void; onRefused: () => void },
): void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let wanted: number | null = null;
  let isRefused = false;

  const refuse = () => {
    isRefused = true;
    chunks = [];
    onRefused();
  };
  const take = (length: number): Buffer => {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks = all.length > length ? [all.subarray(length)] : [];
    buffered = all.length - length;
    return all.subarray(0, length);
  };

  stream.on('data', (chunk: Buffer) => {
    if (isRefused) return;
    chunks.push(chunk);
    buffered += chunk.length;
    while (!isRefused && buffered >= (wanted ?? LENGTH_BYTES)) {
      if (wanted === null) {
        wanted = take(LENGTH_BYTES).readUInt32BE();
        if (wanted > maxBytes) refuse();
        continue;
      }
      const message = parseMessage(take(wanted));
      wanted = null;
      if (message === null) refuse();
      else onMessage(message);
    }
  });
}

function parseMessage(bytes: Buffer): object | null {
  try {
    const value: unknown = deserialize(bytes);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
