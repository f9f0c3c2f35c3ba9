import { createHash, type Hash } from 'node:crypto';
import { type Blake3, createBlake3 } from './blake3.ts';
import { loadCrc32, type UpdateCrc32 } from './crc32.ts';

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

export type HashKind = keyof Hashes;

/** Kinds in groups that take about as long as each other, for as many threads: each goes once through a SHA-256. */
export const HASH_GROUPS: readonly (readonly HashKind[])[] = [
  ['sha256', 'autov2', 'autov1', 'crc32'],
  ['autov3', 'blake3'],
];

const AUTOV1_START = 0x100000;
const AUTOV1_END = 0x110000;
/** The largest header the safetensors library itself accepts. */
const MAX_HEADER_BYTES = 100_000_000;
const OPEN_BRACE = 0x7b;

/** What one digest leaves in the processor's cache for the next. */
const BLOCK_BYTES = 256 * 1024;

/** Bytes that say where a safetensors header ends: its length, and the bracket that it begins with. */
const HEAD_BYTES = 9;

/** Computes some digests of bytes that come in order, in pieces of any length. */
export class DigestSet {
  readonly #kinds: ReadonlySet<HashKind>;
  readonly #size: number;
  readonly #sha256 = createHash('sha256');
  readonly #autov1 = createHash('sha256');
  readonly #autov3 = createHash('sha256');
  readonly #blake3: Blake3 | null;
  readonly #updateCrc32: UpdateCrc32 | null;
  #crc32 = 0;
  #position = 0;
  /** Null until enough bytes came to tell; until then they are kept. */
  #payloadStart: number | null = null;
  #head: Uint8Array = new Uint8Array(0);

  private constructor(
    kinds: readonly HashKind[],
    size: number,
    { blake3, updateCrc32 }: { blake3: Blake3 | null; updateCrc32: UpdateCrc32 | null },
  ) {
    this.#kinds = new Set(kinds);
    this.#size = size;
    this.#blake3 = blake3;
    this.#updateCrc32 = updateCrc32;
  }

  /** `size` is that of the whole file, in bytes. */
  static async create(kinds: readonly HashKind[], size: number): Promise<DigestSet> {
    const blake3 = kinds.includes('blake3') ? await createBlake3() : null;
    const updateCrc32 = kinds.includes('crc32') ? await loadCrc32() : null;
    return new DigestSet(kinds, size, { blake3, updateCrc32 });
  }

  update(chunk: Uint8Array): void {
    if (this.#payloadStart !== null) {
      this.#take(chunk, this.#payloadStart);
      return;
    }
    // Mostly the first piece has them, and is copied nowhere.
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= HEAD_BYTES) this.#takeHead();
    // The caller may overwrite what it gave. (`slice` of a Buffer would copy nothing.)
    else this.#head = new Uint8Array(this.#head);
  }

  #takeHead(): void {
    this.#payloadStart = findPayloadStart(this.#head, this.#size);
    this.#take(this.#head, this.#payloadStart);
    this.#head = new Uint8Array(0);
  }

  #take(bytes: Uint8Array, payloadStart: number): void {
    for (let done = 0; done < bytes.length; done += BLOCK_BYTES)
      this.#takeBlock(bytes.subarray(done, done + BLOCK_BYTES), payloadStart);
  }

  #takeBlock(chunk: Uint8Array, payloadStart: number): void {
    const wants = (kind: HashKind) => this.#kinds.has(kind);
    if (wants('sha256') || wants('autov2')) this.#sha256.update(chunk);
    if (wants('autov1')) this.#updateWindow(this.#autov1, chunk, AUTOV1_START, AUTOV1_END);
    if (wants('autov3')) this.#updateWindow(this.#autov3, chunk, payloadStart, Number.POSITIVE_INFINITY);
    this.#blake3?.update(chunk);
    if (this.#updateCrc32 !== null) this.#crc32 = this.#updateCrc32(chunk, this.#crc32);
    this.#position += chunk.length;
  }

  /** Once, at the end. Kinds that were not asked for are not in it. */
  finish(): Partial<Hashes> {
    if (this.#payloadStart === null) this.#takeHead();
    const sha256 = this.#sha256.digest('hex');
    const all: Hashes = {
      sha256,
      autov1: this.#position > AUTOV1_START ? this.#autov1.digest('hex').slice(0, 8) : null,
      autov2: sha256.slice(0, 10),
      autov3: this.#position >= 8 ? this.#autov3.digest('hex') : null,
      blake3: this.#blake3?.digest() ?? '',
      crc32: this.#crc32.toString(16).padStart(8, '0'),
    };
    return Object.fromEntries(Object.entries(all).filter(([kind]) => this.#kinds.has(kind as HashKind)));
  }

  /** Feeds `hash` the part of `chunk` that lies in the bytes `[start, end)` of the file. */
  #updateWindow(hash: Hash, chunk: Uint8Array, start: number, end: number): void {
    const from = Math.max(0, start - this.#position);
    const to = Math.min(chunk.length, end - this.#position);
    if (from < to) hash.update(chunk.subarray(from, to));
  }
}

/** Where the bytes that AutoV3 covers begin: after a safetensors header, or at 8. */
function findPayloadStart(head: Uint8Array, size: number): number {
  if (head.length < HEAD_BYTES || head[HEAD_BYTES - 1] !== OPEN_BRACE) return 8;
  const headerBytes = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  if (headerBytes > MAX_HEADER_BYTES) return 8;
  const start = 8 + Number(headerBytes);
  return start <= size ? start : 8;
}
