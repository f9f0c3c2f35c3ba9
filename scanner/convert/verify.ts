import safetensors, { type SafeTensorEntry } from 'safetensors';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, readTensorTable, type Tensor } from '../tensors/index.ts';
import { VerificationError } from './errors.ts';
import { countElements, isContiguous } from './layout.ts';

export interface VerificationOptions {
  /** Called with the share of bytes compared, 0 to 1. */
  onProgress?: (fraction: number) => void;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const PAGE_BYTES = 1024 * 1024;
const MAX_PAGES = 128;
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

/** Yields the bytes compared, chunk by chunk. */
function* compareTensor(source: FileSource, tensor: Tensor, written: FileSource, begin: number): Generator<number> {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  const bytes = countElements(tensor.shape) * elementBytes;
  const readSource = isContiguous(tensor)
    ? (position: number, length: number) =>
        source.read(tensor.storage.start + tensor.storage.offset * elementBytes + position, length).slice()
    : readElementwise(source, tensor);

  for (let position = 0; position < bytes; position += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, bytes - position);
    const expected = readSource(position, length);
    if (tensor.storage.bigEndian) reverseWords(expected, tensor.dtype === 'C64' ? 4 : elementBytes);
    const actual = written.read(begin + position, length);
    if (expected.length !== length || Buffer.compare(expected, actual) !== 0) {
      throw new VerificationError(`The tensor "${tensor.name}" differs from the source.`, tensor.name);
    }
    yield length;
  }
}

/** Reads a view element by element: the index is taken apart by division, and each element looked up on its own. */
function readElementwise(source: FileSource, tensor: Tensor): (position: number, length: number) => Uint8Array {
  const elementBytes = DTYPE_BYTES[tensor.dtype];
  const { start, offset, stride } = tensor.storage;
  const pages = new PageCache(source);
  return (position, length) => {
    const chunk = new Uint8Array(length);
    for (let at = 0; at < length; at += elementBytes) {
      let rest = (position + at) / elementBytes;
      let element = offset;
      for (let axis = tensor.shape.length - 1; axis >= 0; axis -= 1) {
        const size = tensor.shape[axis] ?? 1;
        element += (rest % size) * (stride[axis] ?? 0);
        rest = Math.floor(rest / size);
      }
      for (let byte = 0; byte < elementBytes; byte += 1) {
        chunk[at + byte] = pages.byteAt(start + element * elementBytes + byte);
      }
    }
    return chunk;
  };
}

/** The pages of a file used last, at most 128 MiB of them. */
class PageCache {
  readonly #source: FileSource;
  readonly #pages = new Map<number, Uint8Array>();
  #lastNumber = -1;
  #last: Uint8Array = new Uint8Array(0);

  constructor(source: FileSource) {
    this.#source = source;
  }

  byteAt(position: number): number {
    const number = Math.floor(position / PAGE_BYTES);
    if (number !== this.#lastNumber) {
      this.#last = this.#pages.get(number) ?? this.#source.read(number * PAGE_BYTES, PAGE_BYTES);
      this.#lastNumber = number;
      this.#pages.delete(number);
      this.#pages.set(number, this.#last);
      const [oldest] = this.#pages.keys();
      if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    }
    const byte = this.#last[position - number * PAGE_BYTES];
    if (byte === undefined) throw new VerificationError('The source became shorter since it was converted.');
    return byte;
  }
}

function reverseWords(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
