import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { crc32 as updateCrc32 } from 'node:zlib';
import { createBLAKE3 } from 'hash-wasm';

/** Every digest that tools of the field look models up by. Hexadecimal, lower case. */
export interface Hashes {
  /** SHA-256 of the whole file. */
  sha256: string;
  /**
   * First 8 digits of the SHA-256 of the 64 KiB at 1 MiB, the "model hash" of early web UIs. Null for a file that ends
   * before that window: the hash of no bytes would match thousands of unrelated files.
   */
  autov1: string | null;
  /** First 10 digits of `sha256`. */
  autov2: string;
  /**
   * SHA-256 of what follows the safetensors header, so that edited metadata does not change it. For other files the
   * bytes from the eighth on, as Civitai computes it. Null for files shorter than 8 bytes.
   */
  autov3: string | null;
  blake3: string;
  /** CRC-32/ISO-HDLC in the usual order: "hello world" is `0d4a1185`. Civitai shows the bytes reversed. */
  crc32: string;
}

export interface HashOptions {
  /** Called with the share done, 0 to 1, after each chunk. */
  onProgress?: (fraction: number) => void;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const AUTOV1_START = 0x100000;
const AUTOV1_END = 0x110000;
/** The largest header the safetensors library itself accepts. */
const MAX_HEADER_BYTES = 100_000_000;
const OPEN_BRACE = 0x7b;

/** Computes every digest in one pass over the file. Throws the system's error when the file cannot be read. */
export async function hashFile(path: string, options: HashOptions = {}): Promise<Hashes> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const sha256 = createHash('sha256');
  const autov1 = createHash('sha256');
  const autov3 = createHash('sha256');
  const blake3 = await createBLAKE3();
  let crc32 = 0;
  let position = 0;
  let payloadStart = 8;

  // Two buffers, so that the next chunk is read while this one is hashed.
  const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let current = 0;
  let pending = file.read(buffers[0], 0, CHUNK_BYTES, 0);

  while (true) {
    const { bytesRead, buffer } = await pending;
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    current = 1 - current;
    pending = file.read(current === 0 ? buffers[0] : buffers[1], 0, CHUNK_BYTES, position + bytesRead);

    if (position === 0) payloadStart = findPayloadStart(chunk, size);
    sha256.update(chunk);
    updateWindow(autov1, chunk, position, AUTOV1_START, AUTOV1_END);
    updateWindow(autov3, chunk, position, payloadStart, Number.POSITIVE_INFINITY);
    blake3.update(chunk);
    crc32 = updateCrc32(chunk, crc32);
    position += bytesRead;
    options.onProgress?.(Math.min(1, position / size));
  }

  const whole = sha256.digest('hex');
  return {
    sha256: whole,
    autov1: position > AUTOV1_START ? autov1.digest('hex').slice(0, 8) : null,
    autov2: whole.slice(0, 10),
    autov3: position >= 8 ? autov3.digest('hex') : null,
    blake3: blake3.digest('hex'),
    crc32: crc32.toString(16).padStart(8, '0'),
  };
}

/** Where the bytes that AutoV3 covers begin: after a safetensors header, or at 8. */
function findPayloadStart(head: Buffer, size: number): number {
  if (head.length < 9 || head[8] !== OPEN_BRACE) return 8;
  const headerBytes = head.readBigUInt64LE(0);
  if (headerBytes > MAX_HEADER_BYTES) return 8;
  const start = 8 + Number(headerBytes);
  return start <= size ? start : 8;
}

/** Feeds `hash` the part of `chunk` (which begins at `position` of the file) that lies in `[start, end)`. */
function updateWindow(hash: Hash, chunk: Buffer, position: number, start: number, end: number): void {
  const from = Math.max(0, start - position);
  const to = Math.min(chunk.length, end - position);
  if (from < to) hash.update(chunk.subarray(from, to));
}
