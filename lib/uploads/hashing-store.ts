import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { FileStore } from '@tus/file-store';
import { ERRORS, Upload } from '@tus/server';
import type { Hashes } from '#scanner/hashes/index.ts';
import { FreshFile } from '../storage/index.ts';
import { BatchWriter } from './batch-writer.ts';
import { freePiece } from './free-piece.ts';
import { fillFromParts, listParts, nextPart, readParts, removeParts } from './parts.ts';
import { readBody } from './read-body.ts';
import { type ReadWritten, RunningHash } from './running-hash.ts';
import type { HeldUpload } from './upload-locks.ts';

/**
 * Uploads whose running hash is kept in memory beside those that are being received. One that was dropped is recreated
 * from the disk when it is wanted.
 */
const MAX_RECEIVING = 512;

/** What this process knows of an upload that it receives. */
interface Receiving {
  hash: RunningHash;
  /** The part that this process writes. */
  part: { file: FreshFile; start: number } | null;
  /** Requests that use it at the moment. */
  users: number;
}

export interface HashingStoreOptions {
  directory: string;
  expirationPeriodInMilliseconds: number;
  /** Of the request that writes to an upload. */
  lockOf(id: string): HeldUpload;
  /** The body of the request at hand where it is read as Node has it; null where it comes the way of tus. */
  nodeBody(): Readable | null;
  /** Told how far an upload is. */
  onProgress(id: string, offset: number): void;
  /** Told, before anything is removed, that its owner gives an upload up. */
  onRemove(id: string): Promise<void>;
  /** The size in bytes of an upload that is in the store already; null for every other. */
  finishedSize(id: string): Promise<number | null>;
}

/**
 * The files of uploads, for tus, with every digest computed while the bytes are written: a checkpoint of gigabytes need not
 * be read again when the last byte is in. What came before a connection broke is kept and hashed, to the byte. Each
 * process writes to files of its own alone (see `Part`).
 */
export class HashingStore extends FileStore {
  readonly #options: HashingStoreOptions;
  readonly #receiving = new Map<string, Receiving>();

  constructor(options: HashingStoreOptions) {
    super(options);
    this.#options = options;
  }

  override async create(upload: Upload): Promise<Upload> {
    await this.configstore.set(upload.id, upload);
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const known = await this.configstore.get(id);
    const finished = known === undefined ? await this.#options.finishedSize(id) : null;
    // Who asks again, because the answer to the last byte did not reach them, hears that it is there.
    if (finished !== null) return new Upload({ id, size: finished, offset: finished });
    if (known === undefined) throw ERRORS.FILE_NOT_FOUND;
    const { size, metadata, creation_date } = known;
    const created = creation_date === undefined ? {} : { creation_date };
    const declared = size === undefined ? {} : { size };
    const described = metadata === undefined ? {} : { metadata };
    return new Upload({ id, offset: await this.received(id), ...declared, ...described, ...created });
  }

  /** Writes what `readable` brings from `offset` on; returns the offset after it. Throws what reading or writing threw. */
  override async write(readable: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    return await this.#use(id, (receiving) => this.#write(receiving, readable, id, offset));
  }

  async #write(receiving: Receiving, readable: Readable, id: string, offset: number): Promise<number> {
    const { lost, stop } = this.#options.lockOf(id);
    const body = this.#options.nodeBody();
    let part: Receiving['part'] = null;
    const batches = new BatchWriter(offset, {
      write: async (pieces, at) => {
        lost.throwIfAborted();
        if (part === null) {
          receiving.hash.resumeAt(offset);
          part = await this.#partAt(id, receiving.part, offset);
          receiving.part = part;
        }
        await part.file.write(pieces, at - part.start);
      },
      written: async (pieces, end) => {
        // What came another way may be somebody else's memory.
        if (body !== null) for (const piece of pieces) freePiece(piece);
        // A hash that failed starts from the first byte when the digests are wanted.
        await receiving.hash.grow(end).catch(() => {});
      },
    });
    try {
      try {
        let received = offset;
        const take = (piece: Buffer<ArrayBuffer>) => {
          received += piece.length;
          this.#options.onProgress(id, received);
          return batches.push(piece);
        };
        await readBody(body ?? readable, take, AbortSignal.any([lost, stop]));
      } finally {
        await batches.end();
      }
      lost.throwIfAborted();
    } catch (error) {
      // The disk may hold a part of the last batch, which the hash has not seen.
      if (batches.failed) this.#drop(id);
      throw error;
    } finally {
      await receiving.part?.file.pause();
    }
    return batches.position;
  }

  /** Removes an upload that its owner gives up. */
  override async remove(id: string): Promise<void> {
    if (!(await this.has(id))) throw ERRORS.FILE_NOT_FOUND;
    await this.#options.onRemove(id);
    await this.forget(id);
  }

  /** Whether an upload was created and has not ended. */
  async has(id: string): Promise<boolean> {
    return (await this.configstore.get(id)) !== undefined;
  }

  /** Bytes that have been received. */
  async received(id: string): Promise<number> {
    return (await listParts(this.directory, id)).at(-1)?.end ?? 0;
  }

  /** What the client said about the file; nothing where it is not known any more. */
  async metadataOf(id: string): Promise<Record<string, string | null>> {
    return (await this.configstore.get(id))?.metadata ?? {};
  }

  /** Every digest of an upload of which all bytes are there. */
  async digests(id: string): Promise<Hashes> {
    return await this.#use(id, ({ hash }) => hash.digests());
  }

  /** The upload as one file that this process alone has written; null where others wrote to it as well. */
  async ownFile(id: string, size: number): Promise<FreshFile | null> {
    const own = this.#receiving.get(id)?.part ?? null;
    const [first, ...others] = await listParts(this.directory, id);
    const isWhole = others.length === 0 && first?.path === own?.file.path && own?.start === 0 && first?.end === size;
    return isWhole ? (own?.file ?? null) : null;
  }

  /** Bytes `[from, to)` of an upload. */
  async *readBytes(id: string, from: number, to: number): AsyncGenerator<Buffer> {
    yield* readParts(await listParts(this.directory, id), from, to);
  }

  #readInto(id: string): ReadWritten {
    return async (from, to, take) => fillFromParts(await listParts(this.directory, id), from, to, take);
  }

  /** The uploads that the folder has something of, and when each was last written to. */
  async list(): Promise<{ id: string; modifiedAt: Date }[]> {
    const found = new Map<string, Date>();
    for (const name of await readdir(this.directory)) {
      const { mtime } = await stat(join(this.directory, name));
      const id = name.replace(/\.(json|parts)$/, '');
      if (mtime > (found.get(id) ?? 0)) found.set(id, mtime);
    }
    return [...found].map(([id, modifiedAt]) => ({ id, modifiedAt }));
  }

  /** Says how large an upload is that was created before anybody knew. What was hashed of it is hashed anew. */
  async resize(id: string, size: number): Promise<void> {
    const known = await this.configstore.get(id);
    if (known === undefined) throw ERRORS.FILE_NOT_FOUND;
    const { metadata, creation_date } = known;
    this.#drop(id);
    await this.configstore.set(
      id,
      new Upload({ id, size, offset: 0, ...(metadata && { metadata }), ...(creation_date && { creation_date }) }),
    );
  }

  /** Drops what the store has of an upload; nothing where there is nothing. */
  async forget(id: string): Promise<void> {
    this.#drop(id);
    await rm(join(this.directory, `${id}.json`), { force: true });
    await removeParts(this.directory, id);
  }

  /** The part that this process goes on with at `start`: its own where that is the last, else a new one. */
  async #partAt(id: string, own: Receiving['part'], start: number): Promise<NonNullable<Receiving['part']>> {
    const parts = await listParts(this.directory, id);
    const last = parts.at(-1);
    if ((last?.end ?? 0) !== start) throw ERRORS.INVALID_OFFSET;
    if (own !== null && last?.path === own.file.path) return own;
    const path = nextPart(this.directory, id, parts, start);
    await mkdir(dirname(path), { recursive: true });
    return { file: await FreshFile.create(path), start };
  }

  async #use<T>(id: string, work: (receiving: Receiving) => Promise<T>): Promise<T> {
    const receiving = this.#receiving.get(id) ?? (await this.#openReceiving(id));
    // The one used last goes to the end; the one at the front was used longest ago.
    this.#receiving.delete(id);
    this.#receiving.set(id, receiving);
    if (this.#receiving.size > MAX_RECEIVING) this.#dropUnused();
    receiving.users += 1;
    try {
      return await work(receiving);
    } finally {
      receiving.users -= 1;
    }
  }

  #dropUnused(): void {
    const unused = [...this.#receiving].find(([, { users }]) => users === 0);
    if (unused !== undefined) this.#drop(unused[0]);
  }

  async #openReceiving(id: string): Promise<Receiving> {
    const size = (await this.configstore.get(id))?.size;
    if (size === undefined) throw ERRORS.FILE_NOT_FOUND;
    // Another request may have opened it meanwhile.
    const known = this.#receiving.get(id);
    return known ?? { hash: new RunningHash(this.#readInto(id), size), part: null, users: 0 };
  }

  #drop(id: string): void {
    this.#receiving.get(id)?.hash.drop();
    this.#receiving.delete(id);
  }
}
