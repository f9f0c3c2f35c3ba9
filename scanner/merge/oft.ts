import type { AdapterModule } from './adapter.ts';
import type { Target } from './deltas.ts';
import { MergeError } from './errors.ts';
import type { NumberReader } from './number-reader.ts';
import { slicesOf, type WeightRows } from './rows.ts';

/** A butterfly reaches from any row to any other, so the whole weight is in memory, as singles: 160 MB at most. */
const MAX_BUTTERFLY_NUMBERS = 40_000_000;
const CHUNK_COLUMNS = 64;

/**
 * The weight turned by the rotations of an OFT or BOFT module, at full strength (LyCORIS `diag_oft.py`, `boft.py`).
 * Throws MergeError where the module does not fit.
 */
export async function rotateRows(
  module: AdapterModule,
  reader: NumberReader,
  weight: WeightRows,
  target: Target,
): Promise<WeightRows> {
  const blocks = module.parts.get('blocks');
  const shape = blocks?.shape ?? [];
  const isButterfly = shape.length === 4;
  const [stages = 1, count = 0, size = 0, other = 0] = isButterfly ? shape : [1, ...shape];
  if (blocks === undefined || size !== other || count * size !== target.rows) {
    const message = `The module "${module.name}" does not match its layer: its blocks are [${shape.join(', ')}].`;
    throw new MergeError('bad-adapter', message);
  }
  const constraint = await readScalar(module, 'alpha', reader);
  const rotations = rotationsOf(await reader.read(blocks), { matrices: stages * count, size, constraint });
  const turned = isButterfly
    ? butterfly(weight, rotations, { stages, count, size })
    : diagonal(weight, rotations, { count, size });
  const rescale = module.parts.get('rescale');
  return rescale === undefined ? turned : scaleRows(turned, await reader.read(rescale));
}

async function readScalar(module: AdapterModule, part: string, reader: NumberReader): Promise<number> {
  const tensor = module.parts.get(part);
  return tensor === undefined ? 0 : ((await reader.read(tensor))[0] ?? 0);
}

interface Rotations {
  matrices: number;
  size: number;
  /** The largest norm of all generators together; 0 for none. */
  constraint: number;
}

/** `(I + Q)(I − Q)⁻¹` of each block's skew part `Q`. */
function rotationsOf(blocks: Float64Array, { matrices, size, constraint }: Rotations): Float64Array[] {
  const square = size * size;
  const skew = new Float64Array(blocks.length);
  let sum = 0;
  for (let matrix = 0; matrix < matrices; matrix += 1) {
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) {
        const at = matrix * square;
        const value = (blocks[at + i * size + j] as number) - (blocks[at + j * size + i] as number);
        skew[at + i * size + j] = value;
        sum += value * value;
      }
    }
  }
  // LyCORIS adds this so that a norm of zero does no harm.
  const norm = Math.sqrt(sum) + 1e-8;
  const factor = constraint > 0 && norm > constraint ? constraint / norm : 1;
  return Array.from({ length: matrices }, (_, matrix) => {
    const plus = new Float64Array(square);
    const minus = new Float64Array(square);
    for (let at = 0; at < square; at += 1) {
      const one = at % (size + 1) === 0 ? 1 : 0;
      const q = factor * (skew[matrix * square + at] as number);
      plus[at] = one + q;
      minus[at] = one - q;
    }
    return divide(plus, minus, size);
  });
}

/**
 * `a · b⁻¹` by elimination on columns with pivots. Since both are polynomials of one matrix they commute, so this is
 * `b⁻¹ · a` too, and rows can be eliminated. `I − Q` of a skew `Q` always has an inverse.
 */
function divide(a: Float64Array, b: Float64Array, size: number): Float64Array {
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(b[row * size + column] as number) > Math.abs(b[pivot * size + column] as number)) pivot = row;
    }
    if (pivot !== column) for (const matrix of [a, b]) swapRows(matrix, pivot, column, size);
    const inverse = 1 / (b[column * size + column] as number);
    for (let j = 0; j < size; j += 1) {
      a[column * size + j] = (a[column * size + j] as number) * inverse;
      b[column * size + j] = (b[column * size + j] as number) * inverse;
    }
    for (let row = 0; row < size; row += 1) {
      const factor = b[row * size + column] as number;
      if (row === column || factor === 0) continue;
      for (let j = 0; j < size; j += 1) {
        a[row * size + j] = (a[row * size + j] as number) - factor * (a[column * size + j] as number);
        b[row * size + j] = (b[row * size + j] as number) - factor * (b[column * size + j] as number);
      }
    }
  }
  return a;
}

function swapRows(matrix: Float64Array, one: number, other: number, size: number): void {
  const kept = matrix.slice(one * size, (one + 1) * size);
  matrix.copyWithin(one * size, other * size, (other + 1) * size);
  matrix.set(kept, other * size);
}

/** Row `m` of a block becomes `Σ_n R[n, m] · row n`. */
function diagonal(
  weight: WeightRows,
  rotations: readonly Float64Array[],
  { size }: { count: number; size: number },
): WeightRows {
  const { rows, columns } = weight;
  // Groups of the weight below may be of other sizes; the rows of a block must come together.
  const group = size % weight.group === 0 ? size : rows;
  return {
    rows,
    columns,
    group,
    async read(from, count) {
      const old = await weight.read(from, count);
      const turned = new Float64Array(old.length);
      for (let row = 0; row < count; row += 1) {
        const block = Math.floor((from + row) / size);
        const inside = (from + row) % size;
        const rotation = rotations[block] as Float64Array;
        const into = turned.subarray(row * columns, (row + 1) * columns);
        for (let n = 0; n < size; n += 1) {
          const begin = (row - inside + n) * columns;
          const factor = rotation[n * size + inside] as number;
          for (let i = 0; i < columns; i += 1) into[i] = (into[i] as number) + factor * (old[begin + i] as number);
        }
      }
      return turned;
    },
  };
}

function butterfly(
  weight: WeightRows,
  rotations: readonly Float64Array[],
  { stages, count, size }: { stages: number; count: number; size: number },
): WeightRows {
  const { rows, columns } = weight;
  if (rows * columns > MAX_BUTTERFLY_NUMBERS) {
    throw new MergeError('too-large', 'A BOFT module changes a layer that is too large for the memory limit.');
  }
  let whole: Promise<Float32Array> | undefined;
  const rotateAll = async () => {
    const numbers = new Float32Array(rows * columns);
    for await (const slice of slicesOf(weight)) numbers.set(slice.numbers, slice.from * columns);
    const orders = Array.from({ length: stages }, (_, stage) => orderOf(stage, rows, size));
    const one = new Float64Array(rows * CHUNK_COLUMNS);
    const other = new Float64Array(rows * CHUNK_COLUMNS);
    for (let column = 0; column < columns; column += CHUNK_COLUMNS) {
      const width = Math.min(CHUNK_COLUMNS, columns - column);
      for (let row = 0; row < rows; row += 1) {
        for (let i = 0; i < width; i += 1) one[row * width + i] = numbers[row * columns + column + i] as number;
      }
      for (let stage = 0; stage < stages; stage += 1) {
        rotateChunk(one, other, { order: orders[stage] as Int32Array, rotations, base: stage * count, size, width });
      }
      for (let row = 0; row < rows; row += 1) {
        for (let i = 0; i < width; i += 1) numbers[row * columns + column + i] = one[row * width + i] as number;
      }
    }
    return numbers;
  };
  return {
    rows,
    columns,
    group: 1,
    async read(from, wanted) {
      whole ??= rotateAll();
      return Float64Array.from((await whole).subarray(from * columns, (from + wanted) * columns));
    },
  };
}

/** Which row stands at each place when a stage's blocks are cut: pairs of `2^stage · size/2` are interleaved. */
function orderOf(stage: number, rows: number, size: number): Int32Array {
  const half = 2 ** stage * Math.floor(size / 2);
  const order = new Int32Array(rows);
  for (let place = 0; place < rows; place += 1) {
    const outer = Math.floor(place / (2 * half));
    const inside = place % (2 * half);
    order[place] = outer * 2 * half + (inside % 2) * half + Math.floor(inside / 2);
  }
  return order;
}

interface Stage {
  order: Int32Array;
  rotations: readonly Float64Array[];
  /** Index of the stage's first rotation. */
  base: number;
  size: number;
  width: number;
}

/** One stage, in place: row `i` of a block becomes `Σ_j R[i, j] · row j`, in the stage's order. */
function rotateChunk(
  numbers: Float64Array,
  scratch: Float64Array,
  { order, rotations, base, size, width }: Stage,
): void {
  scratch.fill(0);
  for (let place = 0; place < order.length; place += 1) {
    const block = Math.floor(place / size);
    const inside = place % size;
    const rotation = rotations[base + block] as Float64Array;
    const to = (order[place] as number) * width;
    for (let j = 0; j < size; j += 1) {
      const factor = rotation[inside * size + j] as number;
      const from = (order[block * size + j] as number) * width;
      for (let i = 0; i < width; i += 1) {
        scratch[to + i] = (scratch[to + i] as number) + factor * (numbers[from + i] as number);
      }
    }
  }
  numbers.set(scratch.subarray(0, order.length * width));
}

function scaleRows(weight: WeightRows, factors: Float64Array): WeightRows {
  const { columns } = weight;
  return {
    ...weight,
    async read(from, count) {
      const numbers = await weight.read(from, count);
      for (let i = 0; i < numbers.length; i += 1) {
        const row = from + Math.floor(i / columns);
        numbers[i] = (numbers[i] as number) * (factors[row] ?? 1);
      }
      return numbers;
    },
  };
}
