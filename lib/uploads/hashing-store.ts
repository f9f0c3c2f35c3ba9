import { type FileHandle, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FileStore } from '@tus/file-store';
import { RunningHash } from './running-hash.ts';

/** Bytes written at a time. The pieces of a request are 64 KiB or less, and each write is a trip to another thread. */
const BATCH_BYTES = 1024 * 1024;
/** Running hashes kept in memory. One that was dropped is recreated from the disk when it is wanted. */
const MAX_HASHES = 512;

/**
 * tus's file store, with the SHA-256 computed while the bytes are written: a checkpoint of gigabytes need not be read
 * again when the last byte is in. What came before a connection broke is kept and hashed, to the byte.
 */
export class HashingStore extends FileStore {
  readonly #hashes = new Map<string, RunningHash>();

  pathOf(id: string): string {
    return join(this.directory, id);
  }

  /** Writes what `readable` brings from `offset` on; returns the offset after it. Throws what reading or writing threw. */
  override async write(readable: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    const hash = this.#hashOf(id);
    hash.resumeAt(offset);
    const file = await open(this.pathOf(id), 'r+');
    const batches = new BatchWriter(file, hash, offset);
    try {
      try {
        for await (const chunk of readable) await batches.push(chunk as Buffer);
      } finally {
        await batches.end();
      }
    } catch (error) {
      // The disk may hold a part of the last batch, which the hash has not seen.
      if (batches.failed) this.#hashes.delete(id);
      throw error;
    } finally {
      await file.close();
    }
    return batches.position;
  }

  override async remove(id: string): Promise<void> {
    this.#hashes.delete(id);
    await super.remove(id);
  }

  /** SHA-256 of the `size` bytes that an upload is, lower-case hex. */
  digest(id: string, size: number): Promise<string> {
    return this.#hashOf(id).digest(size);
  }

  /** Drops what the store has of an upload; nothing where there is nothing. */
  async forget(id: string): Promise<void> {
    this.#hashes.delete(id);
    await rm(join(this.directory, `${id}.json`), { force: true });
    await rm(this.pathOf(id), { force: true });
  }

  #hashOf(id: string): RunningHash {
    const hash = this.#hashes.get(id) ?? new RunningHash(this.pathOf(id));
    // The one used last goes to the end; the one at the front was used longest ago.
    this.#hashes.delete(id);
    this.#hashes.set(id, hash);
    if (this.#hashes.size > MAX_HASHES) {
      for (const oldest of this.#hashes.keys()) {
        this.#hashes.delete(oldest);
        break;
      }
    }
    return hash;
  }
}

/** Gathers pieces into larger writes; hashes each batch while the next one is on its way to the disk. */
class BatchWriter {
  readonly #file: FileHandle;
  readonly #hash: RunningHash;
  #pieces: Buffer[] = [];
  #gathered = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #toHash: { bytes: Buffer; at: number } | null = null;
  /** Where the next batch goes. */
  position: number;
  failed = false;

  constructor(file: FileHandle, hash: RunningHash, position: number) {
    this.#file = file;
    this.#hash = hash;
    this.position = position;
  }

  async push(piece: Buffer): Promise<void> {
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    if (this.#gathered >= BATCH_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#settle();
  }

  async #flush(): Promise<void> {
    if (this.#gathered === 0) return;
    await this.#inFlight;
    const written = this.#toHash;
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    const at = this.position;
    this.#pieces = [];
    this.#gathered = 0;
    this.position += bytes.length;
    this.#toHash = { bytes, at };
    this.#inFlight = this.#write(bytes, at);
    // The failure is met when the next batch, or the end, waits for this one.
    this.#inFlight.catch(() => {});
    if (written !== null) this.#hash.append(written.bytes, written.at);
  }

  async #settle(): Promise<void> {
    await this.#inFlight;
    if (this.#toHash !== null) this.#hash.append(this.#toHash.bytes, this.#toHash.at);
    this.#toHash = null;
  }

  async #write(bytes: Buffer, at: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }
}
