import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openHandle } from '../opened-files.ts';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type Tensor, unitBytes } from '../tensors/index.ts';
import { Casts } from './casts.ts';
import { fileShrank } from './errors.ts';
import { gatherTensor, settleElements } from './gather.ts';
import { countElements, isContiguous } from './layout.ts';
import type { OutputTensor } from './select.ts';

/** Large enough that handing over to another thread and back does not count. */
const CHUNK_BYTES = 8 * 1024 * 1024;
/** Up to here, waiting for another thread to read takes longer than reading. */
const SMALL_BYTES = 256 * 1024;

type BufferPair = readonly [Buffer, Buffer];

/** Reads the elements of tensors as they are to be written: in row-major order, little-endian, of the type asked for. */
export class ElementReader implements AsyncDisposable {
  readonly #opened: AsyncDisposable;
  readonly #input: FileHandle;
  /** Those that no reading has at the moment. */
  readonly #buffers: BufferPair[] = [];
  readonly #casts: Casts;

  private constructor(opened: AsyncDisposable & { file: FileHandle }, casts: Casts) {
    this.#input = opened.file;
    this.#opened = opened;
    this.#casts = casts;
  }

  static async open(source: FileSource, casts = new Casts()): Promise<ElementReader> {
    return new ElementReader(await openHandle(source.path), casts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }

  /** How many numbers were too large for the type asked for, and became its largest. */
  get saturated(): number {
    return this.#casts.saturated;
  }

  /** The bytes of one tensor, in blocks that hold until the next is asked for. */
  async *read(tensor: OutputTensor): AsyncGenerator<Uint8Array> {
    const { source } = tensor;
    const cast = this.#casts.of(tensor);
    const blocks = isContiguous(source) ? this.#readRun(source) : gatherTensor(this.#input.fd, source);
    for await (const block of blocks) yield cast === null ? block : cast.convert(block);
  }

  /** The elements of a contiguous tensor. The next chunk is read while one is written. Several may be read at a time. */
  async *#readRun(tensor: Tensor): AsyncGenerator<Buffer> {
    const bytes = countElements(tensor.shape) * DTYPE_BYTES[tensor.dtype];
    if (bytes === 0) return;
    const chunkBytes = CHUNK_BYTES - (CHUNK_BYTES % unitBytes(tensor.dtype));
    const start = tensor.storage.start + tensor.storage.offset * DTYPE_BYTES[tensor.dtype];
    const buffers: BufferPair = this.#buffers.pop() ?? [
      Buffer.allocUnsafeSlow(CHUNK_BYTES),
      Buffer.allocUnsafeSlow(CHUNK_BYTES),
    ];
    let turn = 0;
    const readAt = (position: number) => {
      const buffer = buffers[turn === 0 ? 0 : 1];
      turn = 1 - turn;
      return readExactly(this.#input, buffer.subarray(0, Math.min(chunkBytes, bytes - position)), start + position);
    };

    let pending: Promise<Buffer> | null = null;
    try {
      if (bytes <= SMALL_BYTES) {
        const chunk = buffers[0].subarray(0, bytes);
        if (readSync(this.#input.fd, chunk, 0, bytes, start) < bytes) throw fileShrank();
        settleElements(chunk, tensor);
        yield chunk;
        return;
      }
      pending = readAt(0);
      for (let position = 0; pending !== null; ) {
        const chunk: Buffer = await pending;
        position += chunk.length;
        pending = position < bytes ? readAt(position) : null;
        settleElements(chunk, tensor);
        yield chunk;
      }
    } finally {
      await pending?.catch(() => undefined);
      this.#buffers.push(buffers);
    }
  }
}

async function readExactly(input: FileHandle, chunk: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < chunk.length) {
    const { bytesRead } = await input.read(chunk, filled, chunk.length - filled, position + filled);
    if (bytesRead === 0) throw fileShrank();
    filled += bytesRead;
  }
  return chunk;
}
