import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { FileStore } from '@tus/file-store';

interface Running {
  hash: Hash;
  /** Bytes that are in the hash. */
  offset: number;
}

/**
 * tus's file store, with the SHA-256 computed while the bytes are written: a checkpoint of gigabytes need not be read
 * again when the last byte is in. The running hash lives in memory; after a restart or a broken connection it is made
 * anew from the bytes on disk.
 */
export class HashingStore extends FileStore {
  readonly #running = new Map<string, Running>();

  pathOf(id: string): string {
    return join(this.directory, id);
  }

  override async write(readable: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    const running = await this.#resume(id, offset);
    const tap = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        running.hash.update(chunk);
        running.offset += chunk.length;
        done(null, chunk);
      },
    });
    // The tap ends with its source, and an error of the source must reach the store.
    readable.once('error', (error) => tap.destroy(error));
    readable.once('close', () => {
      if (!readable.readableEnded) tap.destroy(new Error('The connection was lost.'));
    });
    try {
      const written = await super.write(readable.pipe(tap), id, offset);
      if (written !== running.offset) this.#running.delete(id);
      return written;
    } catch (error) {
      // What was hashed and what reached the disk may differ now.
      this.#running.delete(id);
      throw error;
    }
  }

  override async remove(id: string): Promise<void> {
    this.#running.delete(id);
    await super.remove(id);
  }

  /** SHA-256 of the first `size` bytes, lower-case hex. */
  async digest(id: string, size: number): Promise<string> {
    const { hash } = await this.#resume(id, size);
    return hash.copy().digest('hex');
  }

  /** Drops what the store keeps beside the bytes, which have gone elsewhere. */
  async forget(id: string): Promise<void> {
    this.#running.delete(id);
    await this.configstore.delete(id);
    await rm(this.pathOf(id), { force: true });
  }

  async #resume(id: string, offset: number): Promise<Running> {
    const known = this.#running.get(id);
    if (known?.offset === offset) return known;
    const running = { hash: createHash('sha256'), offset };
    if (offset > 0) {
      const stream = createReadStream(this.pathOf(id), { end: offset - 1, highWaterMark: 4 * 1024 * 1024 });
      for await (const chunk of stream) running.hash.update(chunk as Buffer);
    }
    this.#running.set(id, running);
    return running;
  }
}
