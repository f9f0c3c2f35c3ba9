import { constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { ByteSource } from '../source.ts';

export type Unpacked = { bytes: Uint8Array } | { refusal: 'unsupported' | 'too-large' | 'broken' };

/** Unpacks a gzip, zlib or zstd stream up to `limit` bytes; other packings are recognised and not opened. */
export function unpackStream(source: ByteSource, limit: number): Unpacked {
  const head = source.read(0, 8);
  const unpack = unpackerFor(head);
  if (unpack === null) return { refusal: 'unsupported' };
  if (source.size > limit) return { refusal: 'too-large' };
  try {
    return { bytes: unpack(source.read(0, source.size), limit) };
  } catch (error) {
    return { refusal: error instanceof RangeError ? 'too-large' : 'broken' };
  }
}

/** True where the first two bytes are those of a zlib stream (RFC 1950), which has no mark but a check sum over them. */
export function looksLikeZlib(head: Uint8Array): boolean {
  const [first = 0, second = 0] = head;
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0 && head.length > 6;
}

function unpackerFor(head: Uint8Array): ((bytes: Uint8Array, limit: number) => Uint8Array) | null {
  // What a broken stream held before the break still counts, so an early end is no error.
  const options = (limit: number) => ({ maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH });
  if (head[0] === 0x1f && head[1] === 0x8b) return (bytes, limit) => gunzipSync(bytes, options(limit));
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) {
    return (bytes, limit) => zstdDecompressSync(bytes, { maxOutputLength: limit });
  }
  return looksLikeZlib(head) ? (bytes, limit) => inflateSync(bytes, options(limit)) : null;
}
