import { type IndexCheck, storageElementBytes, type TensorRecord } from '../pickle/index.ts';
import type { RuleId, Severity } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** The bytes that the file has for one storage. */
export interface StorageBytes {
  size: number;
  /** The bytes themselves, or null where they cannot be extracted. */
  open(): ByteSource | null;
}

/** Null for a storage of which the file has nothing. */
export type FindStorage = (key: string) => StorageBytes | null;

interface IndexFault {
  rule: RuleId;
  severity: Severity;
  message: string;
}

/** A sparse tensor written out may have this many elements. */
const MAX_DENSE = 2 ** 40;
/** Read at once. */
const CHUNK_BYTES = 256 * 1024;
const INDEX_BYTES: Readonly<Record<string, 4 | 8>> = { int64: 8, int32: 4 };

const outside = (message: string): IndexFault => ({ rule: 'tensor/out-of-bounds', severity: 'malformed', message });
const SPARSE = 'The indices of a sparse tensor do not match its size or its values.';
const NESTED = 'The parts of a nested tensor are outside its data.';

/** What is wrong with numbers by which others are found, or null where they all lie inside. */
export function findIndexFault(check: IndexCheck, find: FindStorage, inspection: Inspection): IndexFault | null {
  const read = (tensor: TensorRecord) => readIndices(tensor, find, inspection);
  try {
    switch (check.kind) {
      case 'coordinates':
        return findCoordinateFault(check, read);
      case 'compressed':
        return findCompressedFault(check, read);
      case 'nested':
        return findNestedFault(check, read);
    }
  } catch (error) {
    if (!(error instanceof UnreadIndices)) throw error;
    return error.isOutOfTime
      ? {
          rule: 'container/time',
          severity: 'incomplete',
          message: 'The indices of a tensor take too long to check.',
        }
      : outside('The indices of a tensor are no whole numbers, or their data cannot be read.');
  }
}

class UnreadIndices extends Error {
  readonly isOutOfTime: boolean;
  constructor(isOutOfTime: boolean) {
    super('indices');
    this.isOutOfTime = isOutOfTime;
  }
}

type Read = (tensor: TensorRecord) => Indices;

/** Whole numbers in row-major order. */
interface Indices {
  at(index: number): number;
}

function findCoordinateFault(
  { indices, values, size }: Extract<IndexCheck, { kind: 'coordinates' }>,
  read: Read,
): IndexFault | null {
  const [dimensions, count] = indices.shape;
  const isForm =
    indices.shape.length === 2 &&
    dimensions !== undefined &&
    count !== undefined &&
    dimensions <= size.length &&
    isSame(values.shape, [count, ...size.slice(dimensions)]) &&
    indices.type.name === 'int64';
  if (!isForm || !isSize(size)) return outside(SPARSE);
  const numbers = read(indices);
  for (let dimension = 0; dimension < dimensions; dimension += 1) {
    const end = size[dimension] ?? 0;
    for (let index = 0; index < count; index += 1) {
      const place = numbers.at(dimension * count + index);
      if (place < 0 || place >= end) return outside(SPARSE);
    }
  }
  return findDenseFault(size);
}

function findCompressedFault(
  { compressed, plain, values, size, areRows, areBlocks }: Extract<IndexCheck, { kind: 'compressed' }>,
  read: Read,
): IndexFault | null {
  const batches = compressed.shape.length - 1;
  const batch = size.slice(0, batches);
  const [rows, columns] = [size[batches], size[batches + 1]];
  const count = plain.shape[batches];
  if (batches < 0 || rows === undefined || columns === undefined || count === undefined || !isSize(size))
    return outside(SPARSE);
  const block = areBlocks ? values.shape.slice(batches + 1, batches + 3) : [1, 1];
  const [high = 0, wide = 0] = block;
  if (high < 1 || wide < 1 || rows % high !== 0 || columns % wide !== 0) return outside(SPARSE);
  const lines = areRows ? rows / high : columns / wide;
  const places = areRows ? columns / wide : rows / high;
  const isForm =
    isSame(compressed.shape, [...batch, lines + 1]) &&
    isSame(plain.shape, [...batch, count]) &&
    isSame(values.shape, [...batch, count, ...(areBlocks ? block : []), ...size.slice(batches + 2)]) &&
    compressed.type === plain.type;
  if (!isForm) return outside(SPARSE);
  const [ends, numbers] = [read(compressed), read(plain)];
  const matrices = batch.reduce((product, dimension) => product * dimension, 1);
  for (let matrix = 0; matrix < matrices; matrix += 1) {
    const first = matrix * (lines + 1);
    if (ends.at(first) !== 0 || ends.at(first + lines) !== count) return outside(SPARSE);
    for (let line = 0; line < lines; line += 1) {
      const [from, to] = [ends.at(first + line), ends.at(first + line + 1)];
      if (from < 0 || to < from || to > count || to - from > places) return outside(SPARSE);
      let last = -1;
      for (let index = from; index < to; index += 1) {
        const place = numbers.at(matrix * count + index);
        if (place <= last || place >= places) return outside(SPARSE);
        last = place;
      }
    }
  }
  return findDenseFault(size);
}

function findNestedFault(
  { buffer, sizes, strides, offsets }: Extract<IndexCheck, { kind: 'nested' }>,
  read: Read,
): IndexFault | null {
  const [count, rank] = sizes.shape;
  const length = buffer.shape[0];
  const isForm =
    sizes.shape.length === 2 &&
    buffer.shape.length === 1 &&
    (buffer.stride[0] === 1 || (length ?? 0) <= 1) &&
    count !== undefined &&
    rank !== undefined &&
    length !== undefined &&
    isSame(strides.shape, sizes.shape) &&
    isSame(offsets.shape, [count]) &&
    [sizes, strides, offsets].every(({ type }) => type.name === 'int64');
  if (!isForm) return outside(NESTED);
  const [size, stride, start] = [read(sizes), read(strides), read(offsets)];
  for (let part = 0; part < count; part += 1) {
    let last = start.at(part);
    let isEmpty = false;
    if (last < 0) return outside(NESTED);
    for (let axis = part * rank; axis < (part + 1) * rank; axis += 1) {
      if (size.at(axis) < 0 || stride.at(axis) < 0) return outside(NESTED);
      if (size.at(axis) === 0) isEmpty = true;
      last += (size.at(axis) - 1) * stride.at(axis);
    }
    if (isEmpty ? start.at(part) > length : last >= length) return outside(NESTED);
  }
  return null;
}

function findDenseFault(size: readonly number[]): IndexFault | null {
  if (size.reduce((product, dimension) => product * dimension, 1) <= MAX_DENSE) return null;
  const message = 'A sparse tensor would be too large to be written out.';
  return { rule: 'tensor/expansion', severity: 'suspicious', message };
}

function isSize(size: readonly number[]): boolean {
  return size.every((dimension) => dimension >= 0);
}

function isSame(shape: readonly number[], wanted: readonly number[]): boolean {
  return shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis]);
}

/** The numbers of a tensor whose record is inside its storage, read as they are asked for. Throws UnreadIndices. */
function readIndices(tensor: TensorRecord, find: FindStorage, inspection: Inspection): Indices {
  const width = INDEX_BYTES[tensor.type.name];
  const { storage, shape, stride, offset } = tensor;
  const unit = storageElementBytes(storage.type);
  const source = width === undefined || unit === null ? null : (find(storage.key)?.open() ?? null);
  if (width === undefined || unit === null || source === null) throw new UnreadIndices(false);
  const start = offset * width + (storage.view?.offset ?? 0) * unit;

  let chunk: DataView = new DataView(new ArrayBuffer(0));
  let chunkStart = 0;
  const readAt = (at: number): number => {
    if (at < chunkStart || at + width > chunkStart + chunk.byteLength) {
      if (inspection.isOutOfTime) throw new UnreadIndices(true);
      const bytes = source.read(at, CHUNK_BYTES);
      if (bytes.length < width) throw new UnreadIndices(false);
      chunk = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      chunkStart = at;
    }
    const from = at - chunkStart;
    if (width === 4) return chunk.getInt32(from, true);
    return chunk.getInt32(from + 4, true) * 2 ** 32 + chunk.getUint32(from, true);
  };
  return {
    at(index) {
      let rest = index;
      let element = 0;
      for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
        const size = shape[axis] ?? 1;
        element += (rest % size) * (stride[axis] ?? 0);
        rest = Math.floor(rest / size);
      }
      return readAt(start + element * width);
    },
  };
}
