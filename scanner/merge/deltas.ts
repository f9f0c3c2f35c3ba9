import type { Tensor } from '../tensors/index.ts';
import type { AdapterModule } from './adapter.ts';
import { MergeError } from './errors.ts';
import { multiplyRows, tuckerRow } from './matrices.ts';
import { countOf, type NumberReader } from './number-reader.ts';
import { matrixOf } from './rows.ts';

/** The weight that a module changes, as a matrix. */
export interface Target {
  rows: number;
  /** `inputs` × `kernel`. */
  columns: number;
  /** Size of the second dimension. */
  inputs: number;
  /** Numbers of one convolution kernel; 1 for linear layers. */
  kernel: number;
}

/**
 * What a module adds to its weight at full strength: rows `[from, from + count)`, given those of the weight. They hold until
 * the next are asked for.
 */
export interface Delta {
  /** Rows that depend on each other: see `WeightRows.group`. */
  readonly group: number;
  rows(from: number, count: number, weight: Float64Array): Promise<Float64Array>;
}

/** Sizes of the weight `shape`, seen as a matrix. */
export function targetOf(shape: readonly number[], rows = shape[0] ?? 1): Target {
  const { columns } = matrixOf(shape);
  const inputs = shape[1] ?? 1;
  return { rows, columns, inputs, kernel: inputs === 0 ? 1 : columns / inputs };
}

/** One module's tensors as matrices. Throws MergeError where one that is needed has another size. */
class Factors {
  readonly #module: AdapterModule;
  readonly #reader: NumberReader;

  constructor(module: AdapterModule, reader: NumberReader) {
    this.#module = module;
    this.#reader = reader;
  }

  has(part: string): boolean {
    return this.#module.parts.has(part);
  }

  shape(part: string): readonly number[] {
    return this.#tensor(part).shape;
  }

  /** The rank-wise first side of a factor. */
  side(part: string, axis: number): number {
    return this.shape(part)[axis] ?? 1;
  }

  /** Singles hold what adapters keep exactly, in half the room of doubles. */
  async read(part: string): Promise<Float32Array> {
    return Float32Array.from(await this.#reader.read(this.#tensor(part)));
  }

  async readRows(part: string, from: number, count: number): Promise<Float64Array> {
    return await this.#reader.readRows(this.#tensor(part), from, count);
  }

  /** Throws unless `part` has so many numbers in all. */
  expect(part: string, numbers: number): void {
    if (countOf(this.shape(part)) === numbers) return;
    throw new MergeError(
      'bad-adapter',
      `The module "${this.#module.name}" does not match its layer: its ${part} is [${this.shape(part).join(', ')}].`,
    );
  }

  /** What the change is scaled by. */
  async scale(rank: number): Promise<number> {
    return await scaleOf(this.#module, this.#reader, rank);
  }

  kronecker(target: Target): ReturnType<typeof kroneckerOf> {
    return kroneckerOf(this.#module, target);
  }

  gloraOrder(target: Target): ReturnType<typeof gloraOrder> {
    return gloraOrder(this.#module, target);
  }

  #tensor(part: string): Tensor {
    const tensor = this.#module.parts.get(part);
    if (tensor === undefined) {
      throw new MergeError('bad-adapter', `The module "${this.#module.name}" has no ${part}.`);
    }
    return tensor;
  }
}

/**
 * What a module adds to its weight, after LyCORIS (`lycoris/modules`, `lycoris/functional`). Throws MergeError where it
 * does not fit the weight.
 */
export async function makeDelta(module: AdapterModule, reader: NumberReader, target: Target): Promise<Delta> {
  const factors = new Factors(module, reader);
  switch (module.kind) {
    case 'lora':
      return {
        group: 1,
        rows: factors.has('mid')
          ? await tuckerProduct(factors, ['up', 'down', 'mid'], target)
          : await product(factors, ['up', 'down'], target),
      };
    case 'loha':
      return await loha(factors, target);
    case 'lokr':
      return await lokr(factors, target);
    case 'glora':
      return await glora(factors, target);
    case 'ia3':
      return await ia3(factors, target);
    case 'full':
      return full(factors, module.parts.has('diff') ? 'diff' : 'w_norm', target);
    default:
      throw new MergeError('unsupported', `The module "${module.name}" has a type that adds nothing to a weight.`);
  }
}

/** `alpha / rank` of a module, by which its change is scaled; 1 where no alpha is recorded. */
export async function scaleOf(module: AdapterModule, reader: NumberReader, rank: number): Promise<number> {
  const alpha = module.parts.get('alpha');
  if (rank === 0) return 1;
  if (alpha === undefined) return module.recordedScale(module.name, rank) ?? 1;
  const [value] = await reader.read(alpha);
  return value === undefined ? 1 : value / rank;
}

type LowRank = (from: number, count: number) => Promise<Float64Array>;

/** Rows of `scale · up · down`. */
async function product(
  factors: Factors,
  [up, down]: readonly [string, string],
  { rows, columns }: Target,
): Promise<LowRank> {
  const rank = factors.side(down, 0);
  factors.expect(up, rows * rank);
  factors.expect(down, rank * columns);
  const [right, scale] = [await factors.read(down), await factors.scale(rank)];
  // One for all slices: memory for each again would be let go of long after it was used.
  let result = new Float64Array(0);
  return async (from, count) => {
    if (result.length !== count * columns) result = new Float64Array(count * columns);
    const left = await factors.readRows(up, from, count);
    return multiplyRows(left, right, { rows: count, inner: rank, columns, scale }, result);
  };
}

/** The same with a convolution's core between the two, whose first dimension belongs to `up`, the second to `down`. */
async function tuckerProduct(
  factors: Factors,
  [up, down, core]: readonly [string, string, string],
  { rows, inputs, kernel, columns }: Target,
): Promise<LowRank> {
  const outer = factors.side(core, 0);
  const inner = factors.side(core, 1);
  factors.expect(up, rows * outer);
  factors.expect(down, inner * inputs);
  factors.expect(core, outer * inner * kernel);
  const [middle, right, scale] = [await factors.read(core), await factors.read(down), await factors.scale(inner)];
  return async (from, count) => {
    const left = await factors.readRows(up, from, count);
    const result = new Float64Array(count * columns);
    for (let row = 0; row < count; row += 1) {
      const into = result.subarray(row * columns, (row + 1) * columns);
      tuckerRow(left.subarray(row * outer, (row + 1) * outer), middle, right, { inner, inputs, kernel, scale }, into);
    }
    return result;
  };
}

/** A product of two factors, `a` by `b`, or with a core between them; its rows one by one. */
async function factorRows(
  factors: Factors,
  [a, b, core]: readonly [string, string, string],
  { rows, columns, inputs, kernel }: Target,
): Promise<(row: number, into: Float64Array) => void> {
  const left = await factors.read(a);
  const right = await factors.read(b);
  if (factors.has(core)) {
    const inner = factors.side(core, 1);
    const outer = factors.side(core, 0);
    factors.expect(a, outer * rows);
    factors.expect(b, inner * inputs);
    factors.expect(core, outer * inner * kernel);
    const middle = await factors.read(core);
    const column = new Float64Array(outer);
    return (row, into) => {
      for (let i = 0; i < outer; i += 1) column[i] = left[i * rows + row] ?? 0;
      tuckerRow(column, middle, right, { inner, inputs, kernel, scale: 1 }, into);
    };
  }
  const inner = factors.side(b, 0);
  factors.expect(a, rows * inner);
  factors.expect(b, inner * columns);
  return (row, into) => {
    const part = Float64Array.from(left.subarray(row * inner, (row + 1) * inner));
    into.set(multiplyRows(part, right, { rows: 1, inner, columns, scale: 1 }));
  };
}

async function loha(factors: Factors, target: Target): Promise<Delta> {
  const first = await factorRows(factors, ['w1_a', 'w1_b', 't1'], target);
  const second = await factorRows(factors, ['w2_a', 'w2_b', 't2'], target);
  const scale = await factors.scale(factors.side('w1_b', 0));
  const { columns } = target;
  const other = new Float64Array(columns);
  return {
    group: 1,
    async rows(from, count) {
      const result = new Float64Array(count * columns);
      for (let row = 0; row < count; row += 1) {
        const into = result.subarray(row * columns, (row + 1) * columns);
        first(from + row, into);
        second(from + row, other);
        for (let i = 0; i < columns; i += 1) into[i] = scale * (into[i] as number) * (other[i] as number);
      }
      return result;
    },
  };
}

/** Sizes of the two matrices of a LoKr module, and the rank by which its change is scaled; 0 for none. */
export function kroneckerOf({ parts }: AdapterModule, target: Target): { first: Target; second: Target; rank: number } {
  const side = (part: string, axis: number) => parts.get(part)?.shape[axis] ?? 1;
  const isLeftWhole = parts.has('w1');
  const rows = isLeftWhole ? side('w1', 0) : side('w1_a', 0);
  const columns = isLeftWhole ? side('w1', 1) : side('w1_b', 1);
  return {
    first: { rows, columns, inputs: columns, kernel: 1 },
    second: {
      rows: target.rows / rows,
      columns: target.columns / columns,
      inputs: target.inputs / columns,
      kernel: target.kernel,
    },
    // Alpha counts only where one of them is a product itself.
    rank: parts.has('w2') ? (isLeftWhole ? 0 : side('w1_b', 0)) : side('w2_b', 0),
  };
}

/** The Kronecker product of two small matrices. */
async function lokr(factors: Factors, target: Target): Promise<Delta> {
  const { first, second: small, rank } = factors.kronecker(target);
  const leftColumns = first.columns;
  const left = await wholeFactor(factors, 'w1', first);
  const right = await wholeFactor(factors, 'w2', small);
  const scale = rank === 0 ? 1 : await factors.scale(rank);
  return {
    group: 1,
    async rows(from, count) {
      const result = new Float64Array(count * target.columns);
      for (let row = 0; row < count; row += 1) {
        const outer = Math.floor((from + row) / small.rows);
        const inner = (from + row) % small.rows;
        for (let block = 0; block < leftColumns; block += 1) {
          const factor = scale * (left[outer * leftColumns + block] as number);
          const begin = row * target.columns + block * small.columns;
          for (let i = 0; i < small.columns; i += 1) {
            result[begin + i] = factor * (right[inner * small.columns + i] as number);
          }
        }
      }
      return result;
    },
  };
}

async function wholeFactor(factors: Factors, name: 'w1' | 'w2', size: Target): Promise<Float32Array | Float64Array> {
  if (factors.has(name)) {
    factors.expect(name, size.rows * size.columns);
    return await factors.read(name);
  }
  const fill = await factorRows(factors, [`${name}_a`, `${name}_b`, `t${name.slice(1)}`], size);
  const whole = new Float64Array(size.rows * size.columns);
  for (let row = 0; row < size.rows; row += 1) {
    fill(row, whole.subarray(row * size.columns, (row + 1) * size.columns));
  }
  return whole;
}

/** The parts of a GLoRA module in the order of `c d + (W a) b`: a, b, c, d. */
export function gloraOrder(
  { parts }: AdapterModule,
  { rows, inputs }: Target,
): readonly [a: string, b: string, c: string, d: string] {
  const isNew = parts.get('a1')?.shape[0] === inputs && parts.get('b1')?.shape[0] === rows;
  return isNew ? ['a1', 'a2', 'b1', 'b2'] : ['a2', 'a1', 'b2', 'b1'];
}

/** `b1 b2 + (W a1) a2`; older files have the two of each pair the other way round. */
async function glora(factors: Factors, target: Target): Promise<Delta> {
  const { columns, inputs, kernel } = target;
  const [a, b, c, d] = factors.gloraOrder(target);
  const inner = factors.side(b, 0);
  factors.expect(a, inputs * inner);
  factors.expect(b, inner * inputs);
  const added = factors.has('bm')
    ? await tuckerProduct(factors, [c, d, 'bm'], target)
    : await product(factors, [c, d], target);
  const [inputDown, inputUp, scale] = [await factors.read(a), await factors.read(b), await factors.scale(inner)];
  return {
    group: 1,
    async rows(from, count, weight) {
      const result = await added(from, count);
      const line = new Float64Array(inputs);
      for (let row = 0; row < count; row += 1) {
        for (let k = 0; k < kernel; k += 1) {
          const begin = row * columns + k;
          for (let i = 0; i < inputs; i += 1) line[i] = weight[begin + i * kernel] as number;
          const low = multiplyRows(line, inputDown, { rows: 1, inner: inputs, columns: inner, scale });
          const high = multiplyRows(low, inputUp, { rows: 1, inner, columns: inputs, scale: 1 });
          for (let i = 0; i < inputs; i += 1) {
            result[begin + i * kernel] = (result[begin + i * kernel] as number) + (high[i] as number);
          }
        }
      }
      return result;
    },
  };
}

/** A factor for each output, or for each input where the file says so. */
async function ia3(factors: Factors, { rows, columns, inputs, kernel }: Target): Promise<Delta> {
  const isOnInput = ((await factors.read('on_input'))[0] ?? 0) !== 0;
  factors.expect('weight', isOnInput ? inputs : rows);
  const factor = await factors.read('weight');
  return {
    group: 1,
    async rows(from, count, weight) {
      const result = new Float64Array(count * columns);
      for (let row = 0; row < count; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          const place = isOnInput ? Math.floor(column / kernel) : from + row;
          const at = row * columns + column;
          result[at] = (weight[at] as number) * (factor[place] as number);
        }
      }
      return result;
    },
  };
}

function full(factors: Factors, part: string, { rows, columns }: Target): Delta {
  factors.expect(part, rows * columns);
  return { group: 1, rows: (from, count) => factors.readRows(part, from, count) };
}
