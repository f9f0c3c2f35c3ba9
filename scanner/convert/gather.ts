import { readSync } from 'node:fs';
import { DTYPE_BYTES, type Tensor } from '../tensors/index.ts';
import { ConversionError } from './errors.ts';

const BLOCK_BYTES = 32 * 1024 * 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;

/** One dimension to walk: how many steps, and how far each goes in the storage and in the output. In units. */
interface Axis {
  size: number;
  from: number;
  to: number;
}

type Units = Uint8Array | Uint16Array | Uint32Array;

/**
 * The bytes of a view that is not contiguous (transposed, expanded, sliced), in row-major order and little-endian, in
 * blocks of at most 32 MiB. Each block is filled in the order of the storage, so that the file is read forwards;
 * it holds until the next one is asked for.
 */
export function* gatherTensor(fd: number, tensor: Tensor): Generator<Buffer> {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  // Elements of 8 bytes are walked as two of 4: a double read as a number could lose the bits of its NaN.
  const unitBytes = Math.min(elementBytes, 4);
  const unitsPerElement = elementBytes / unitBytes;
  const shape = unitsPerElement === 1 ? [...tensor.shape] : [...tensor.shape, unitsPerElement];
  const stride =
    unitsPerElement === 1
      ? [...tensor.storage.stride]
      : [...tensor.storage.stride.map((step) => step * unitsPerElement), 1];
  const window = new Window(fd, tensor.storage.start, unitBytes);

  let buffer = Buffer.alloc(0);

  for (const box of splitIntoBlocks(shape, BLOCK_BYTES / unitBytes)) {
    const origin = box.start.reduce(
      (index, position, axis) => index + position * (stride[axis] ?? 0),
      tensor.storage.offset * unitsPerElement,
    );
    const axes: Axis[] = [];
    let step = 1;
    for (let axis = box.size.length - 1; axis >= 0; axis -= 1) {
      const size = box.size[axis] ?? 1;
      if (size > 1) axes.push({ size, from: stride[axis] ?? 0, to: step });
      step *= size;
    }
    axes.sort((a, b) => b.from - a.from);

    const bytes = step * unitBytes;
    if (bytes > buffer.length) buffer = Buffer.allocUnsafeSlow(bytes);
    const block = buffer.subarray(0, bytes);
    fill(viewUnits(block, unitBytes), window, axes, origin);
    settleElements(block, tensor);
    yield block;
  }
}

/** Cuts a shape into boxes that are each one run of the row-major output, of at most `limit` units. */
function* splitIntoBlocks(shape: readonly number[], limit: number): Generator<{ start: number[]; size: number[] }> {
  let cut = shape.length;
  let inner = 1;
  while (cut > 0 && inner * (shape[cut - 1] ?? 1) <= limit) {
    cut -= 1;
    inner *= shape[cut] ?? 1;
  }
  if (cut === 0) {
    yield { start: shape.map(() => 0), size: [...shape] };
    return;
  }

  const axis = cut - 1;
  const rows = Math.max(1, Math.floor(limit / inner));
  const index = new Array<number>(axis).fill(0);
  do {
    for (let row = 0; row < (shape[axis] ?? 0); row += rows) {
      const count = Math.min(rows, (shape[axis] ?? 0) - row);
      yield {
        start: [...index, row, ...shape.slice(cut).map(() => 0)],
        size: [...index.map(() => 1), count, ...shape.slice(cut)],
      };
    }
  } while (advance(index, shape));
}

/** Steps an index through a shape, last dimension fastest. False when it has come round. */
function advance(index: number[], shape: readonly number[]): boolean {
  for (let axis = index.length - 1; axis >= 0; axis -= 1) {
    const next = (index[axis] ?? 0) + 1;
    if (next < (shape[axis] ?? 0)) {
      index[axis] = next;
      return true;
    }
    index[axis] = 0;
  }
  return false;
}

function fill(output: Units, window: Window, axes: readonly Axis[], origin: number): void {
  const innermost = axes.at(-1) ?? { size: 1, from: 0, to: 1 };
  const outer = axes.slice(0, -1);
  const sizes = outer.map(({ size }) => size);
  const index = sizes.map(() => 0);
  do {
    let from = origin;
    let to = 0;
    for (let axis = 0; axis < outer.length; axis += 1) {
      from += (index[axis] ?? 0) * (outer[axis]?.from ?? 0);
      to += (index[axis] ?? 0) * (outer[axis]?.to ?? 0);
    }
    window.copyRun(output, from, to, innermost);
  } while (advance(index, sizes));
}

/** A part of a storage in memory, moved on as the walk goes. Positions are units from the start of the storage. */
class Window {
  readonly #fd: number;
  readonly #start: number;
  readonly #unitBytes: number;
  readonly #buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #first = 0;
  #units: Units = new Uint8Array(0);

  constructor(fd: number, start: number, unitBytes: number) {
    this.#fd = fd;
    this.#start = start;
    this.#unitBytes = unitBytes;
  }

  copyRun(output: Units, from: number, to: number, { size, from: fromStep, to: toStep }: Axis): void {
    for (let done = 0; done < size; ) {
      const position = from + done * fromStep;
      const at = this.#seek(position);
      const left = this.#units.length - at;
      const count = fromStep === 0 ? size - done : Math.min(size - done, Math.ceil(left / fromStep));
      const units = this.#units;
      let read = at;
      let write = to + done * toStep;
      for (let i = 0; i < count; i += 1) {
        output[write] = units[read] ?? 0;
        read += fromStep;
        write += toStep;
      }
      done += count;
    }
  }

  /** Makes sure that `position` is in the window and gives its index there. */
  #seek(position: number): number {
    const at = position - this.#first;
    if (at >= 0 && at < this.#units.length) return at;
    const bytes = readSync(this.#fd, this.#buffer, 0, WINDOW_BYTES, this.#start + position * this.#unitBytes);
    if (bytes < this.#unitBytes) {
      throw new ConversionError('file-changed', 'The file was truncated during conversion.');
    }
    this.#units = viewUnits(this.#buffer.subarray(0, bytes), this.#unitBytes);
    this.#first = position;
    return 0;
  }
}

function viewUnits(bytes: Uint8Array, unitBytes: number): Units {
  const length = Math.floor(bytes.length / unitBytes);
  if (unitBytes === 1) return bytes;
  if (unitBytes === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, length);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

/** Makes of elements as they lie in the file what the tensor holds, in place: little-endian, and with their signs. */
export function settleElements(bytes: Buffer, { dtype, storage }: Tensor): void {
  // A complex number is two of 4 bytes.
  const width = dtype === 'C64' ? 4 : DTYPE_BYTES[dtype];
  if (storage.bigEndian) {
    if (width === 2) bytes.swap16();
    else if (width === 4) bytes.swap32();
    else if (width === 8) bytes.swap64();
  }
  if (storage.sign === undefined) return;
  const step = storage.sign === 'conjugated' ? 8 : width;
  for (let at = step - 1; at < bytes.length; at += step) bytes[at] = (bytes[at] ?? 0) ^ 0x80;
}
