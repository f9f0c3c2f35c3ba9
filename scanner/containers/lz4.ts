import { xxHash32 } from 'js-xxhash';
import type { UnpackFailure } from './seven-zip.ts';

/** LZ4 frame format 1.6.4: the frame, the legacy frame of the Linux kernel, and frames to skip. */
const FRAME = 0x184d2204;
const LEGACY_FRAME = 0x184c2102;
const SKIPPED_FRAME = 0x184d2a50;
const LEGACY_BLOCK = 8 * 1024 * 1024;
const MIN_MATCH = 4;

/** True where the bytes begin as an LZ4 frame. */
export function looksLikeLz4(head: Uint8Array): boolean {
  if (head.length < 7) return false;
  const mark = viewOf(head).getUint32(0, true);
  return mark === FRAME || mark === LEGACY_FRAME;
}

class BrokenBlock extends Error {}

/** Unpacks LZ4 frames, one behind the other, up to `limit` bytes. What came before a break is kept. */
export function unpackLz4(packed: Uint8Array, limit: number): { bytes: Uint8Array; failure: UnpackFailure | null } {
  const out = new Output(limit);
  try {
    for (let at = 0; at < packed.length; ) at = readFrame(packed, at, out);
    return { bytes: out.take(), failure: out.isFull ? 'too-large' : out.isDamaged ? 'broken' : null };
  } catch (error) {
    if (!(error instanceof BrokenBlock) && !(error instanceof RangeError)) throw error;
    return { bytes: out.take(), failure: 'broken' };
  }
}

/** Bytes that grow as they come, up to a limit: a frame's own size is only a claim. */
class Output {
  length = 0;
  isFull = false;
  /** True where a sum was wrong: what was unpacked is there all the same, for not every program looks. */
  isDamaged = false;
  #bytes = new Uint8Array(64 * 1024);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(bytes: Uint8Array): void {
    const end = this.#makeRoom(bytes.length);
    this.#bytes.set(bytes.subarray(0, end - this.length), this.length);
    this.length = end;
  }

  /** Repeats what stands `distance` bytes back; it may reach into what is being written. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.length) throw new BrokenBlock();
    const end = this.#makeRoom(length);
    if (distance >= end - this.length) this.#bytes.copyWithin(this.length, this.length - distance, end - distance);
    else for (let at = this.length; at < end; at += 1) this.#bytes[at] = this.#bytes[at - distance] ?? 0;
    this.length = end;
  }

  check(bytes: Uint8Array, sum: number, part = (hash: number) => hash): void {
    if (!this.isFull && part(xxHash32(bytes)) !== sum) this.isDamaged = true;
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #makeRoom(length: number): number {
    if (this.length + length > this.#limit) this.isFull = true;
    const end = Math.min(this.length + length, this.#limit);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(end, this.#bytes.length * 2), this.#limit));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return end;
  }
}

function readFrame(packed: Uint8Array, start: number, out: Output): number {
  const view = viewOf(packed);
  const mark = view.getUint32(start, true);
  if ((mark & 0xfffffff0) >>> 0 === SKIPPED_FRAME) return start + 8 + view.getUint32(start + 4, true);
  if (mark === LEGACY_FRAME) return readLegacyFrame(packed, start + 4, out);
  if (mark !== FRAME) throw new BrokenBlock();
  const flags = view.getUint8(start + 4);
  const hasBlockSums = (flags & 0x10) !== 0;
  const hasSize = (flags & 0x08) !== 0;
  const hasSum = (flags & 0x04) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = start + 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  // The header's sum is one byte of the hash of what stands between the mark and it.
  out.check(packed.subarray(start + 4, at - 1), packed[at - 1] ?? 0, (hash) => (hash >>> 8) & 0xff);
  const outStart = out.length;
  while (!out.isFull) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) {
      if (hasSum) out.check(out.take().subarray(outStart), view.getUint32(at, true));
      return at + (hasSum ? 4 : 0);
    }
    const end = at + (size & 0x7fffffff);
    const block = packed.subarray(at, end);
    if (size >>> 31 === 1) out.append(block);
    else readBlock(block, out);
    if (end > packed.length) throw new BrokenBlock();
    if (hasBlockSums) out.check(block, view.getUint32(end, true));
    at = end + (hasBlockSums ? 4 : 0);
  }
  return packed.length;
}

function readLegacyFrame(packed: Uint8Array, start: number, out: Output): number {
  let at = start;
  while (at + 4 <= packed.length && !out.isFull) {
    const size = viewOf(packed).getUint32(at, true);
    if (size === FRAME || size === LEGACY_FRAME || size > LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16) return at;
    readBlock(packed.subarray(at + 4, at + 4 + size), out);
    at += 4 + size;
  }
  if (!out.isFull && at !== packed.length) throw new BrokenBlock();
  return packed.length;
}

/** A block is a row of literals and repeats (LZ4 block format); the last has literals alone. */
function readBlock(block: Uint8Array, out: Output): void {
  let at = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const more = block[at];
      if (more === undefined) throw new BrokenBlock();
      at += 1;
      length += more;
      if (more < 255) return length;
    }
  };
  while (at < block.length && !out.isFull) {
    const token = block[at] ?? 0;
    at += 1;
    const literals = readLength(token >> 4);
    out.append(block.subarray(at, at + literals));
    at += literals;
    if (at > block.length) throw new BrokenBlock();
    if (at === block.length) return;
    const low = block[at];
    const high = block[at + 1];
    if (low === undefined || high === undefined) throw new BrokenBlock();
    at += 2;
    out.repeat(low + high * 256, readLength(token & 15) + MIN_MATCH);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
