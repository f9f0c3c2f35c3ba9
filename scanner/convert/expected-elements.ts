import { readSync } from 'node:fs';
import { openDescriptor } from '../opened-files.ts';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type Tensor, unitBytes } from '../tensors/index.ts';
import { countElements, isContiguous } from './layout.ts';

/** Small enough to stay in the processor's cache with what it is compared to. */
const RUN_BYTES = 1024 * 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 16 * 1024 * 1024;

/**
 * The elements of a tensor in row-major order, block by block, for comparison: read by a plain walk over the indices,
 * with none of the code that copies them. Little-endian, aligned, never empty; each holds until the next is asked for.
 * `reader` reads the file that is the source.
 */
export function* expectedElements(source: FileSource, reader: RunReader, tensor: Tensor): Generator<Uint8Array> {
  const blocks = isContiguous(tensor) ? readRun(reader, tensor) : walkView(source, tensor);
  for (const block of blocks) {
    if (tensor.storage.bigEndian) reverseWords(block, tensor.dtype === 'C64' ? 4 : DTYPE_BYTES[tensor.dtype]);
    if (tensor.storage.sign !== undefined) flipSigns(block, tensor);
    yield block;
  }
}

/** Reads a file again and again into the same memory: new memory for each piece costs more than the reading. */
export class RunReader implements Disposable {
  readonly #fd: number;
  readonly #close: () => void;
  #buffer = Buffer.allocUnsafeSlow(RUN_BYTES);

  constructor(path: string) {
    const { fd, close } = openDescriptor(path);
    this.#fd = fd;
    this.#close = close;
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  /** The bytes `[offset, offset + length)`, fewer where the file ends. They hold until the next call. */
  read(offset: number, length: number): Buffer {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    return this.readInto(this.#buffer.subarray(0, length), offset);
  }

  /** The bytes from `offset` on that fill `memory`, fewer where the file ends. */
  readInto<Memory extends Uint8Array>(memory: Memory, offset: number): Memory {
    let filled = 0;
    while (filled < memory.length) {
      const count = readSync(this.#fd, memory, filled, memory.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return memory.subarray(0, filled) as Memory;
  }
}

function* readRun(reader: RunReader, { dtype, shape, storage }: Tensor): Generator<Uint8Array> {
  const bytes = countElements(shape) * DTYPE_BYTES[dtype];
  const start = storage.start + storage.offset * DTYPE_BYTES[dtype];
  const runBytes = RUN_BYTES - (RUN_BYTES % unitBytes(dtype));
  for (let position = 0; position < bytes; position += runBytes) {
    yield reader.read(start + position, Math.min(runBytes, bytes - position));
  }
}

/** One dimension of a view: its steps in the source and in the row-major order. In elements. */
interface Axis {
  size: number;
  from: number;
  to: number;
}

/** Some rows at a time, each block walked in the order of the source, so that it is read forwards. */
function* walkView(source: FileSource, tensor: Tensor): Generator<Uint8Array> {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  const { start, offset, stride } = tensor.storage;
  let step = 1;
  const axes: Axis[] = [];
  for (let axis = tensor.shape.length - 1; axis >= 0; axis -= 1) {
    const size = tensor.shape[axis] ?? 1;
    if (size > 1) axes.unshift({ size, from: stride[axis] ?? 0, to: step });
    step *= size;
  }
  const [rows, ...inner] = axes;
  if (rows === undefined) return;

  const window = new SourceWindow(source, start);
  const rowBytes = rows.to * elementBytes;
  const rowsAtOnce = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  for (let row = 0; row < rows.size; row += rowsAtOnce) {
    const size = Math.min(rowsAtOnce, rows.size - row);
    const block = new Uint8Array(size * rowBytes);
    const order = [{ ...rows, size }, ...inner].sort((a, b) => b.from - a.from);
    const visit = (depth: number, from: number, to: number): void => {
      const axis = order[depth];
      if (axis === undefined) {
        window.copy(from * elementBytes, block, to * elementBytes, elementBytes);
        return;
      }
      for (let i = 0; i < axis.size; i += 1) visit(depth + 1, from + i * axis.from, to + i * axis.to);
    };
    visit(0, offset + row * rows.from, 0);
    yield block;
  }
}

/** Some megabytes of a storage, read on from wherever they are asked for. Positions are bytes from its start. */
class SourceWindow {
  readonly #source: FileSource;
  readonly #start: number;
  #first = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: FileSource, start: number) {
    this.#source = source;
    this.#start = start;
  }

  copy(position: number, target: Uint8Array, at: number, length: number): void {
    if (position < this.#first || position + length > this.#first + this.#bytes.length) {
      this.#bytes = this.#source.read(this.#start + position, WINDOW_BYTES);
      this.#first = position;
    }
    const own = position - this.#first;
    for (let i = 0; i < length; i += 1) target[at + i] = this.#bytes[own + i] ?? 0;
  }
}

function reverseWords(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

function flipSigns(bytes: Uint8Array, { dtype, storage }: Tensor): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = dtype === 'C64' ? 4 : DTYPE_BYTES[dtype];
  for (let at = 0; at < bytes.length; at += width) {
    if (storage.sign === 'conjugated' && at % 8 === 0) continue;
    view.setUint8(at + width - 1, view.getUint8(at + width - 1) ^ 0x80);
  }
}
