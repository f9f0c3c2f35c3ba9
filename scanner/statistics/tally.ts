import { FLOAT_FORMATS, floatTable } from '../convert/index.ts';
import type { Dtype } from '../tensors/index.ts';

/** What is known of the numbers seen so far. Means and deviations are of the finite ones. */
export interface Moments {
  finite: number;
  nan: number;
  infinite: number;
  zeros: number;
  min: number;
  max: number;
  mean: number;
  /** Sum of the squared distances from the mean. */
  squares: number;
}

/** Counts the numbers of one tensor, block by block. */
export interface Tally {
  /** Takes whole elements, little-endian, aligned to their size. */
  add(block: Uint8Array): void;
  result(): Moments;
}

type Numbers = ArrayLike<number> & { length: number };

/** How each type's elements are seen as numbers; types of 16 bits and fewer are counted by their bits instead. */
const VIEWS: Partial<Record<Dtype, (block: Uint8Array) => Numbers>> = {
  F32: ({ buffer, byteOffset, length }) => new Float32Array(buffer, byteOffset, length / 4),
  F64: ({ buffer, byteOffset, length }) => new Float64Array(buffer, byteOffset, length / 8),
  I32: ({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length / 4),
  U32: ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length / 4),
  I64: ({ buffer, byteOffset, length }) => Float64Array.from(new BigInt64Array(buffer, byteOffset, length / 8), Number),
  U64: ({ buffer, byteOffset, length }) =>
    Float64Array.from(new BigUint64Array(buffer, byteOffset, length / 8), Number),
};

/** The numbers that the bits of small whole numbers stand for. */
const WHOLE: Partial<Record<Dtype, { bytes: 1 | 2; decode: (bits: number) => number }>> = {
  BOOL: { bytes: 1, decode: (bits) => (bits === 0 ? 0 : 1) },
  U8: { bytes: 1, decode: (bits) => bits },
  I8: { bytes: 1, decode: (bits) => (bits << 24) >> 24 },
  U16: { bytes: 2, decode: (bits) => bits },
  I16: { bytes: 2, decode: (bits) => (bits << 16) >> 16 },
  // OCP microscaling: a power of two by itself, and one value for "not a number".
  F8_E8M0: { bytes: 1, decode: (bits) => (bits === 255 ? Number.NaN : 2 ** (bits - 127)) },
};

/** A fresh tally for `count` numbers of a type. Complex numbers have no order, so that one knows no smallest and largest. */
export function makeTally(dtype: Dtype, count: number): Tally {
  if (dtype === 'C64') return new ComplexTally();
  const table = tableOf(dtype);
  if (table === null) {
    const view = VIEWS[dtype];
    if (view === undefined) throw new TypeError(`Statistics of the data type ${dtype} are not supported.`);
    return new NumberTally(view);
  }
  const bytes = table.length === 256 ? 1 : 2;
  // Going through a table of all bits costs more than going through a few numbers.
  return count < table.length
    ? new NumberTally((block) => decode(unitsOf(block, bytes), table))
    : new BitTally(table, bytes);
}

const tables = new Map<Dtype, Float64Array | null>();

/** Every number of a type of at most 16 bits, by its bits; null for wider types. */
function tableOf(dtype: Dtype): Float64Array | null {
  const known = tables.get(dtype);
  if (known !== undefined) return known;
  const format = FLOAT_FORMATS.get(dtype);
  const whole = WHOLE[dtype];
  const table =
    format !== undefined
      ? floatTable(format)
      : whole !== undefined
        ? Float64Array.from({ length: 1 << (8 * whole.bytes) }, (_, bits) => whole.decode(bits))
        : null;
  tables.set(dtype, table);
  return table;
}

function unitsOf(block: Uint8Array, bytes: 1 | 2): Uint8Array | Uint16Array {
  return bytes === 1 ? block : new Uint16Array(block.buffer, block.byteOffset, Math.floor(block.length / 2));
}

function decode(units: Uint8Array | Uint16Array, table: Float64Array): Float64Array {
  const numbers = new Float64Array(units.length);
  for (let i = 0; i < units.length; i += 1) numbers[i] = table[units[i] as number] as number;
  return numbers;
}

/** Counts how often each pattern of bits occurs, which is fast, and does the arithmetic once at the end, exactly. */
class BitTally implements Tally {
  readonly #numbers: Float64Array;
  readonly #counts: Float64Array;
  readonly #bytes: 1 | 2;

  constructor(numbers: Float64Array, bytes: 1 | 2) {
    this.#numbers = numbers;
    this.#counts = new Float64Array(numbers.length);
    this.#bytes = bytes;
  }

  add(block: Uint8Array): void {
    const counts = this.#counts;
    const units = unitsOf(block, this.#bytes);
    for (let i = 0; i < units.length; i += 1) {
      const bits = units[i] as number;
      counts[bits] = (counts[bits] as number) + 1;
    }
  }

  result(): Moments {
    const moments = noMoments();
    let sum = 0;
    this.#counts.forEach((count, bits) => {
      if (count === 0) return;
      const value = this.#numbers[bits] as number;
      if (Number.isNaN(value)) moments.nan += count;
      else if (!Number.isFinite(value)) moments.infinite += count;
      else {
        moments.finite += count;
        if (value === 0) moments.zeros += count;
        moments.min = Math.min(moments.min, value);
        moments.max = Math.max(moments.max, value);
        sum += value * count;
      }
    });
    moments.mean = moments.finite === 0 ? 0 : sum / moments.finite;
    this.#counts.forEach((count, bits) => {
      const value = this.#numbers[bits] as number;
      if (count > 0 && Number.isFinite(value)) moments.squares += count * (value - moments.mean) ** 2;
    });
    return moments;
  }
}

/** Goes through numbers one by one; each block has moments of its own, so that large sums do not swallow small numbers. */
class NumberTally implements Tally {
  readonly #view: (block: Uint8Array) => Numbers;
  #moments = noMoments();

  constructor(view: (block: Uint8Array) => Numbers) {
    this.#view = view;
  }

  add(block: Uint8Array): void {
    this.#moments = merge(this.#moments, measure(this.#view(block)));
  }

  result(): Moments {
    return this.#moments;
  }
}

/** Counts what of complex numbers can be counted: one is NaN, or infinite, where either part is. */
class ComplexTally implements Tally {
  readonly #moments = noMoments();

  add({ buffer, byteOffset, length }: Uint8Array): void {
    const parts = new Float32Array(buffer, byteOffset, length / 4);
    const moments = this.#moments;
    for (let i = 0; i < parts.length; i += 2) {
      const [real, imaginary] = [parts[i] as number, parts[i + 1] as number];
      if (Number.isNaN(real) || Number.isNaN(imaginary)) moments.nan += 1;
      else if (!Number.isFinite(real) || !Number.isFinite(imaginary)) moments.infinite += 1;
      else {
        moments.finite += 1;
        if (real === 0 && imaginary === 0) moments.zeros += 1;
      }
    }
  }

  result(): Moments {
    return this.#moments;
  }
}

function measure(numbers: Numbers): Moments {
  const moments = noMoments();
  let sum = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    const value = numbers[i] as number;
    // True for NaN and both infinities.
    if (value - value !== 0) {
      if (Number.isNaN(value)) moments.nan += 1;
      else moments.infinite += 1;
      continue;
    }
    moments.finite += 1;
    if (value === 0) moments.zeros += 1;
    if (value < moments.min) moments.min = value;
    if (value > moments.max) moments.max = value;
    sum += value;
  }
  moments.mean = moments.finite === 0 ? 0 : sum / moments.finite;
  for (let i = 0; i < numbers.length; i += 1) {
    const distance = (numbers[i] as number) - moments.mean;
    if (distance - distance === 0) moments.squares += distance * distance;
  }
  return moments;
}

/** Chan, Golub and LeVeque: the moments of two sets together, from those of each. */
function merge(one: Moments, other: Moments): Moments {
  const finite = one.finite + other.finite;
  const distance = other.mean - one.mean;
  return {
    finite,
    nan: one.nan + other.nan,
    infinite: one.infinite + other.infinite,
    zeros: one.zeros + other.zeros,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    mean: finite === 0 ? 0 : one.mean + (distance * other.finite) / finite,
    squares:
      finite === 0 ? 0 : one.squares + other.squares + (distance * distance * one.finite * other.finite) / finite,
  };
}

export function noMoments(): Moments {
  return {
    finite: 0,
    nan: 0,
    infinite: 0,
    zeros: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    mean: 0,
    squares: 0,
  };
}
