import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type NonTensor, readTensorTable, type Tensor, type TensorTable } from '../tensors/index.ts';
import { ConversionError } from './errors.ts';
import { gatherTensor, swapToLittleEndian } from './gather.ts';
import { isContiguous, layOut, type OutputLayout } from './layout.ts';

export interface ConversionOptions {
  /** Entries for `__metadata__`, beside `format: pt` and those the source already has. */
  metadata?: Readonly<Record<string, string>>;
  /** Called with the share of bytes written, 0 to 1. */
  onProgress?: (fraction: number) => void;
}

export interface ConversionReport {
  tensors: number;
  /** Size of the file written, in bytes. */
  bytes: number;
  /** What was in the source and is not in the target, because it is not a tensor. */
  dropped: NonTensor[];
  /** Names of tensors that lay in one storage of the source, and have bytes of their own now. */
  shared: string[][];
  /** Weights kept twice for training (`model_ema.*`): true where the source has them. */
  ema: boolean;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
/** A view may repeat one element without end; no honest file grows more than this. */
const MAX_GROWTH = 16;

/**
 * Writes every tensor of `source` to `target` as safetensors, row-major and little-endian, in constant memory. The
 * target appears whole or not at all: it is written as `<target>.part`, flushed to disk and renamed (see `flush` for the
 * one place where it cannot be flushed).
 * Throws ConversionError where the file cannot be converted, and the errors of `readTensorTable`.
 */
export async function convertToSafetensors(
  source: FileSource,
  target: string,
  options: ConversionOptions = {},
): Promise<ConversionReport> {
  const table = readTensorTable(source);
  checkConvertible(table);
  const metadata = new Map([...table.metadata, ['format', 'pt'], ...Object.entries(options.metadata ?? {})] as const);
  const layout = layOut(table.tensors, metadata);
  if (layout.dataBytes > source.size * MAX_GROWTH) {
    throw new ConversionError(
      'output-too-large',
      `Its tensors would take ${layout.dataBytes} bytes when written out, more than ${MAX_GROWTH} times the file.`,
    );
  }

  const part = `${target}.part`;
  try {
    await writePart(source, part, layout, options.onProgress);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolderOf(target);

  return {
    tensors: layout.placements.length,
    bytes: layout.header.length + layout.dataBytes,
    dropped: table.nonTensors,
    shared: findShared(table.tensors),
    ema: table.tensors.some(({ name }) => name.startsWith('model_ema.')),
  };
}

function checkConvertible(table: TensorTable): void {
  const [refused] = table.refused;
  if (refused !== undefined) {
    const others = table.refused.length - 1;
    const rest = others > 0 ? ` ${others} more cannot be written either.` : '';
    throw new ConversionError(
      'tensor-refused',
      `The tensor "${refused.name}" cannot be written: ${refused.reason}${rest}`,
    );
  }
  if (table.tensors.length === 0) throw new ConversionError('no-tensors', 'The file holds no tensors.');
}

async function writePart(
  source: FileSource,
  part: string,
  layout: OutputLayout,
  onProgress: ((fraction: number) => void) | undefined,
): Promise<void> {
  await using output = await open(part, 'w');
  await using input = await open(source.path, 'r');
  const writer = new ProgressWriter(output, layout.header.length + layout.dataBytes, onProgress);
  const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  await writer.write(layout.header);
  for (const { tensor, begin, end } of layout.placements) {
    if (end === begin) continue;
    if (isContiguous(tensor)) await copyRange(input, writer, tensor, end - begin, buffers);
    else for (const block of gatherTensor(input.fd, tensor)) await writer.write(block);
  }
  await flush(output);
}

/** Copies the bytes of a contiguous tensor, reading the next chunk while one is written. */
async function copyRange(
  input: FileHandle,
  writer: ProgressWriter,
  tensor: Tensor,
  bytes: number,
  buffers: readonly [Buffer, Buffer],
): Promise<void> {
  const start = tensor.storage.start + tensor.storage.offset * DTYPE_BYTES[tensor.dtype];
  let turn = 0;
  const read = (position: number) => {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    turn += 1;
    return readExactly(input, buffer.subarray(0, Math.min(CHUNK_BYTES, bytes - position)), start + position);
  };

  let pending = read(0);
  for (let position = 0; position < bytes; ) {
    const chunk = await pending;
    const next = position + chunk.length;
    if (next < bytes) pending = read(next);
    if (tensor.storage.bigEndian) swapToLittleEndian(chunk, tensor);
    try {
      await writer.write(chunk);
    } catch (error) {
      await pending.catch(() => undefined);
      throw error;
    }
    position = next;
  }
}

async function readExactly(input: FileHandle, chunk: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < chunk.length) {
    const { bytesRead } = await input.read(chunk, filled, chunk.length - filled, position + filled);
    if (bytesRead === 0) throw new ConversionError('file-changed', 'The file became shorter while it was converted.');
    filled += bytesRead;
  }
  return chunk;
}

class ProgressWriter {
  readonly #output: FileHandle;
  readonly #total: number;
  readonly #onProgress: ((fraction: number) => void) | undefined;
  #written = 0;

  constructor(output: FileHandle, total: number, onProgress: ((fraction: number) => void) | undefined) {
    this.#output = output;
    this.#total = total;
    this.#onProgress = onProgress;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#output.write(bytes, done, bytes.length - done, this.#written);
      done += bytesWritten;
      this.#written += bytesWritten;
    }
    this.#onProgress?.(this.#written / this.#total);
  }
}

/** Groups of names whose tensors lie in the same storage. Empty tensors share nothing. */
function findShared(tensors: readonly Tensor[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const { name, shape, storage } of tensors) {
    if (shape.includes(0)) continue;
    const names = groups.get(storage.start);
    if (names === undefined) groups.set(storage.start, [name]);
    else names.push(name);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

/** Node's permission model forbids flushing: whoever takes the file out of such a sandbox has to flush it. */
async function flush(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED') throw error;
  }
}

/** Makes the rename itself survive a power cut. File systems that cannot flush a folder say so, and that is all right. */
async function syncFolderOf(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path), 'r');
    await flush(folder);
  } catch {
    // Windows, and a sandbox that may write one file only, refuse to open a folder.
  }
}
