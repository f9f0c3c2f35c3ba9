import safetensors, { type SafeTensorEntry } from 'safetensors';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, readTensorTable, type Tensor } from '../tensors/index.ts';
import { VerificationError } from './errors.ts';
import { countElements, isContiguous } from './layout.ts';

export interface VerificationOptions {
  /** Called with the share of bytes compared, 0 to 1. */
  onProgress?: (fraction: number) => void;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 16 * 1024 * 1024;
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads `target` back with a reader that is not ours (the `safetensors` package) and compares every tensor with its
 * elements in `source`, with none of the code that copied them. Throws VerificationError, which
 * names the tensor, at the first difference: a name, type or shape, a byte, a tensor too many or too few.
 */
export async function verifyConversion(
  source: FileSource,
  target: string,
  options: VerificationOptions = {},
): Promise<{ tensors: number; bytes: number }> {
  const { tensors } = readTensorTable(source);
  using written = openFileSource(target);
  const entries = readEntries(written);
  const total = Math.max(1, checkCoverage(entries, written.size));

  let bytes = 0;
  for (const tensor of tensors) {
    const entry = entries.get(tensor.name);
    if (entry === undefined) throw new VerificationError(`The tensor "${tensor.name}" was not written.`, tensor.name);
    checkEntry(tensor, entry);
    for (const compared of compareTensor(source, tensor, written, entry.data_offsets[0])) {
      bytes += compared;
      options.onProgress?.(bytes / total);
      // Lets timers and messages of the process through: the reads themselves never wait.
      await new Promise(setImmediate);
    }
    entries.delete(tensor.name);
  }

  const [extra] = entries.keys();
  if (extra !== undefined) throw new VerificationError(`The tensor "${extra}" is not in the source.`, extra);
  return { tensors: tensors.length, bytes };
}

/** The header as the `safetensors` package reads it. The package takes `__metadata__` for a tensor, so that goes first. */
function readEntries(written: FileSource): Map<string, SafeTensorEntry> {
  try {
    const length = Number(Buffer.from(written.read(0, 8)).readBigUInt64LE(0));
    if (length > MAX_HEADER_BYTES) throw new VerificationError('The header that was written is too long.');
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(written.read(8, length)));
    if (typeof header !== 'object' || header === null) throw new TypeError('not an object');
    Reflect.deleteProperty(header, '__metadata__');

    // Padded to the old length, so that the offsets the package works out are those of the file.
    const bytes = Buffer.alloc(8 + length, ' ');
    bytes.writeBigUInt64LE(BigInt(length), 0);
    bytes.write(JSON.stringify(header), 8, 'utf8');
    return new safetensors.SafeTensor(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)).metadata;
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    throw new VerificationError('The header that was written cannot be read back.');
  }
}

/** The tensors must follow one another from the header to the end of the file. Gives their bytes. */
function checkCoverage(entries: ReadonlyMap<string, SafeTensorEntry>, size: number): number {
  const ranges = [...entries].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  const first = ranges[0]?.[1].data_offsets[0] ?? size;
  let position = first;
  for (const [
    name,
    {
      data_offsets: [begin, end],
    },
  ] of ranges) {
    if (begin !== position || end < begin) {
      throw new VerificationError(`The tensor "${name}" does not begin where the one before it ends.`, name);
    }
    position = end;
  }
  if (position !== size) throw new VerificationError(`The tensors end at byte ${position}, but the file at ${size}.`);
  return position - first;
}

function checkEntry(tensor: Tensor, entry: SafeTensorEntry): void {
  const { name } = tensor;
  if (entry.dtype !== tensor.dtype) {
    throw new VerificationError(`The tensor "${name}" is ${entry.dtype}, but ${tensor.dtype} in the source.`, name);
  }
  if (entry.shape.length !== tensor.shape.length || entry.shape.some((size, axis) => size !== tensor.shape[axis])) {
    throw new VerificationError(`The tensor "${name}" has another shape than in the source.`, name);
  }
  const bytes = countElements(tensor.shape) * DTYPE_BYTES[tensor.dtype];
  if (entry.data_offsets[1] - entry.data_offsets[0] !== bytes) {
    throw new VerificationError(`The tensor "${name}" does not have the number of bytes its shape asks for.`, name);
  }
}

/** Compares one tensor, and yields the bytes compared, chunk by chunk. */
function compareTensor(source: FileSource, tensor: Tensor, written: FileSource, begin: number): Generator<number> {
  return isContiguous(tensor)
    ? compareContiguous(source, tensor, written, begin)
    : compareView(source, tensor, written, begin);
}

function* compareContiguous(source: FileSource, tensor: Tensor, written: FileSource, begin: number): Generator<number> {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  const bytes = countElements(tensor.shape) * elementBytes;
  const start = tensor.storage.start + tensor.storage.offset * elementBytes;
  for (let position = 0; position < bytes; position += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, bytes - position);
    const expected = source.read(start + position, length);
    const actual = written.read(begin + position, length);
    if (tensor.storage.bigEndian) reverseWords(actual, wordBytes(tensor));
    if (expected.length !== length || Buffer.compare(expected, actual) !== 0) throw differs(tensor);
    yield length;
  }
}

/** One dimension of a view: its steps in the source and in what was written. In elements. */
interface Axis {
  size: number;
  from: number;
  to: number;
}

/**
 * Takes what was written some rows at a time and looks up the source of each element. The walk follows the order of the
 * source, so that it is read forwards even where a view turns rows into columns.
 */
function* compareView(source: FileSource, tensor: Tensor, written: FileSource, begin: number): Generator<number> {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  const { start, offset, stride, bigEndian } = tensor.storage;
  let step = 1;
  const axes: Axis[] = [];
  for (let axis = tensor.shape.length - 1; axis >= 0; axis -= 1) {
    const size = tensor.shape[axis] ?? 1;
    if (size > 1) axes.unshift({ size, from: stride[axis] ?? 0, to: step });
    step *= size;
  }
  const [rows, ...inner] = axes;
  if (rows === undefined) throw differs(tensor);

  const window = new SourceWindow(source, start);
  const rowBytes = rows.to * elementBytes;
  const rowsAtOnce = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  for (let row = 0; row < rows.size; row += rowsAtOnce) {
    const size = Math.min(rowsAtOnce, rows.size - row);
    const actual = written.read(begin + row * rowBytes, size * rowBytes);
    if (actual.length !== size * rowBytes) throw differs(tensor);
    if (bigEndian) reverseWords(actual, wordBytes(tensor));

    const order = [{ ...rows, size }, ...inner].sort((a, b) => b.from - a.from);
    const visit = (depth: number, from: number, to: number): void => {
      const axis = order[depth];
      if (axis === undefined) {
        if (!window.equals(from * elementBytes, actual, to * elementBytes, elementBytes)) throw differs(tensor);
        return;
      }
      for (let i = 0; i < axis.size; i += 1) visit(depth + 1, from + i * axis.from, to + i * axis.to);
    };
    visit(0, offset + row * rows.from, 0);
    yield actual.length;
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

  equals(position: number, other: Uint8Array, at: number, length: number): boolean {
    if (position < this.#first || position + length > this.#first + this.#bytes.length) {
      this.#bytes = this.#source.read(this.#start + position, CHUNK_BYTES);
      this.#first = position;
      if (this.#bytes.length < length) return false;
    }
    const own = position - this.#first;
    for (let i = 0; i < length; i += 1) if (this.#bytes[own + i] !== other[at + i]) return false;
    return true;
  }
}

function differs({ name }: Tensor): VerificationError {
  return new VerificationError(`The tensor "${name}" differs from the source.`, name);
}

/** The bytes that byte order turns round together: a complex number is two of 4. */
function wordBytes({ dtype }: Tensor): number {
  return dtype === 'C64' ? 4 : DTYPE_BYTES[dtype];
}

function reverseWords(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
