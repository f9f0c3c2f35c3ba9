import { RenderError } from '../types.ts';
import { reshaped, type Weight, type WeightFile } from './weight-file.ts';

/** How many names an error lists. */
const LISTED = 3;

/**
 * Takes the tensors of one network out of a file. What is missing, or shaped otherwise than the network needs it, is noted
 * and said at once by `finish`: until then a stand-in without numbers takes its place.
 */
export class TensorReader {
  readonly #file: WeightFile;
  readonly #prefix: string;
  readonly #missing: string[] = [];
  readonly #misshapen: string[] = [];

  /** `prefix` stands before every name that is asked for. */
  constructor(file: WeightFile, prefix: string) {
    this.#file = file;
    this.#prefix = prefix;
  }

  has(name: string): boolean {
    return this.#file.tensors.has(this.#prefix + name);
  }

  /** A side of a tensor's shape; 0 where the tensor, or the side, is not there. */
  side(name: string, axis: number): number {
    return this.#file.tensors.get(this.#prefix + name)?.shape[axis] ?? 0;
  }

  /** How many of the numbered parts `<stem>0.`, `<stem>1.`… there are: one more than the highest number. */
  count(stem: string): number {
    const start = this.#prefix + stem;
    let count = 0;
    for (const name of this.#file.tensors.keys()) {
      if (!name.startsWith(start)) continue;
      const number = /^\d+(?=\.)/.exec(name.slice(start.length))?.[0];
      if (number !== undefined) count = Math.max(count, Number(number) + 1);
    }
    return count;
  }

  /** A tensor of this shape; a kernel of 1×1 and a matrix are the same. */
  take(name: string, shape: readonly number[]): Weight {
    const full = this.#prefix + name;
    const weight = this.#file.tensors.get(full);
    if (weight === undefined) this.#missing.push(full);
    else if (withoutOnes(weight.shape) === withoutOnes(shape)) return reshaped(weight, shape);
    else this.#misshapen.push(`"${full}" is [${weight.shape.join(', ')}] instead of [${shape.join(', ')}]`);
    return { name: full, file: this.#file, dtype: 'F32', shape, offset: 0, length: 0 };
  }

  /** `<name>.weight` of this shape, and `<name>.bias` as long as its first side. */
  layer(name: string, shape: readonly number[]): { weight: Weight; bias: Weight } {
    return { weight: this.take(`${name}.weight`, shape), bias: this.take(`${name}.bias`, shape.slice(0, 1)) };
  }

  /** Throws RenderError `load_mismatch` where not all was there. `network` is its name within a sentence. */
  finish(network: string): void {
    if (this.#missing.length > 0) {
      const names = this.#missing.map((name) => `"${name}"`);
      throw new RenderError('load_mismatch', `The ${network} is missing ${countOf(names)}: ${firstOf(names)}.`);
    }
    if (this.#misshapen.length > 0) {
      const sentence = `The shapes of ${countOf(this.#misshapen)} do not match the ${network}`;
      throw new RenderError('load_mismatch', `${sentence}: ${firstOf(this.#misshapen)}.`);
    }
  }
}

function countOf(items: readonly string[]): string {
  return items.length === 1 ? '1 tensor' : `${items.length} tensors`;
}

function firstOf(items: readonly string[]): string {
  const rest = items.length - LISTED;
  return items.slice(0, LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function withoutOnes(shape: readonly number[]): string {
  return shape.join().replace(/(?:,1)+$/, '');
}
