import { dirname, parse, relative, sep } from 'node:path';
import { RenderError } from '../types.ts';
import type { Weight } from '../weights/index.ts';
import {
  type AttributeValue,
  ELEMENT_TYPES,
  type ElementType,
  encodeModel,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from './messages.ts';

/** Version of ONNX's own operators: 20 has Gelu, and every provider knows it. */
const OPSETS = { '': 20, 'com.microsoft': 1 };

/** How a provider wants its graphs. */
export interface GraphTarget {
  /** Type of the numbers between layers. */
  precision: 'fp16' | 'fp32';
  /**
   * `fused` uses MultiHeadAttention. `decomposed` spells it out: MultiHeadAttention gave wrong numbers on WebGPU from 64
   * queries on.
   */
  attention: 'fused' | 'decomposed';
  /** Bytes that the scores of decomposed attention may take at once; more queries than that come one part after another. */
  attentionBytes: number;
}

/** The name of a value in the graph. */
export type Value = string;

export interface BuiltGraph {
  /** The model as ONNX Runtime loads it; its weights stand in files below `folder`. */
  model: Uint8Array;
  /** The folder that all files of weights are below, for `model_external_initializers_file_folder_path`. */
  folder: string;
  /** The names of everything that each run is given. */
  inputs: readonly string[];
}

/** How a layer goes over its input. */
export type LayerKind =
  | { kind: 'linear' }
  /** `pads` as ONNX has them: top, left, bottom, right. */
  | { kind: 'convolution'; stride: number; pads: readonly number[] };

/** How one layer changes while a graph is built: what LoRAs do. */
export interface LayerPatch {
  /** Answers what takes the place of the weight, of the same shape. */
  changeWeight?(graph: GraphBuilder, weight: Value, shape: readonly number[]): Value;
  /** Answers what takes the place of the bias; null stands for none. */
  changeBias?(graph: GraphBuilder, bias: Value | null): Value | null;
  /** Answers the layer's result with what low-rank factors make of its input. */
  addToOutput?(graph: GraphBuilder, input: Value, output: Value, layer: LayerKind): Value;
}

/** Patches by the tensor of the weight that they change, and by its first row where a layer is a part of a tensor: `patchKey`. */
export type LayerPatches = ReadonlyMap<string, readonly LayerPatch[]>;

/** The key of `LayerPatches`. `row` is the first one of the layer in its tensor. */
export function patchKey(tensor: string, row = 0): string {
  return `${tensor}#${row}`;
}

/**
 * Builds one ONNX graph. Values are names; shapes are all known when the graph is built, and the builder of a network
 * keeps them in mind. Weights stay where they are, in the safetensors file, and are cast to the precision of the graph by
 * it; constants of a few numbers are part of the model.
 */
export class GraphBuilder {
  readonly target: GraphTarget;
  readonly patches: LayerPatches;
  readonly #nodes: NodeMessage[] = [];
  /**
   * Casts of weights, written before all other nodes: without its optimiser ONNX Runtime then casts each weight just
   * before the layer that needs it, and otherwise all of them at the start, which takes as much memory as the network has.
   */
  readonly #casts: NodeMessage[] = [];
  readonly #initializers: TensorMessage[] = [];
  readonly #inputs: ValueMessage[] = [];
  readonly #outputs: ValueMessage[] = [];
  readonly #weights = new Map<string, { weight: Weight; message: TensorMessage; value: Value }>();
  readonly #constants = new Map<string, Value>();
  readonly #parameters = new Map<string, Value>();
  #count = 0;

  constructor(target: GraphTarget, patches: LayerPatches = new Map()) {
    this.target = target;
    this.patches = patches;
  }

  /** `F16` or `F32`. */
  get type(): ElementType {
    return this.target.precision === 'fp16' ? 'F16' : 'F32';
  }

  input(name: string, type: ElementType, shape: readonly number[]): Value {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /**
   * A number that each run is given, times `factor`, in the precision of the graph. It is an input of the shape [1] in F32,
   * declared where it is asked for first.
   */
  parameter(name: string, factor = 1): Value {
    const key = `${name} ${factor}`;
    const known = this.#parameters.get(key);
    if (known !== undefined) return known;
    if (!this.#inputs.some((input) => input.name === name)) this.input(name, 'F32', [1]);
    const scaled = factor === 1 ? name : this.op('Mul', [name, this.numbers([factor], 'F32')]);
    const value = this.type === 'F32' ? scaled : this.cast(scaled, this.type);
    this.#parameters.set(key, value);
    return value;
  }

  /** Names `value` as a result of the graph. */
  output(name: string, value: Value, type: ElementType, shape: readonly number[]): void {
    this.#nodes.push({ operator: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} });
    this.#outputs.push({ name, type, shape });
  }

  /** One operator with one result. Optional inputs that are left out are empty strings. */
  op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, AttributeValue>> = {}): Value {
    return this.ops(operator, inputs, 1, attributes)[0] as Value;
  }

  /** One operator with several results. */
  ops(
    operator: string,
    inputs: readonly Value[],
    results: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): Value[] {
    const domain = MICROSOFT.has(operator) ? 'com.microsoft' : '';
    const outputs = Array.from({ length: results }, () => this.#fresh(operator));
    this.#nodes.push({ operator, domain, inputs, outputs, attributes });
    return outputs;
  }

  /** `value` in another type of numbers. */
  cast(value: Value, type: ElementType): Value {
    return this.op('Cast', [value], castTo(type));
  }

  /** Numbers of the graph's precision: a scalar, or a vector. */
  numbers(values: number | readonly number[], type: ElementType = this.type): Value {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    const array = type === 'F16' ? Float16Array.from(list) : Float32Array.from(list);
    return this.#constant(type, shape, new Uint8Array(array.buffer));
  }

  /** A vector of 64-bit whole numbers: shapes, axes, indices. */
  integers(values: readonly number[]): Value {
    const array = BigInt64Array.from(values, BigInt);
    return this.#constant('I64', [values.length], new Uint8Array(array.buffer));
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [value, this.integers(shape)]);
  }

  transpose(value: Value, axes: readonly number[]): Value {
    return this.op('Transpose', [value], { perm: axes });
  }

  /** A slice `[start, end)` of one axis. */
  slice(value: Value, axis: number, start: number, end: number): Value {
    return this.op('Slice', [value, this.integers([start]), this.integers([end]), this.integers([axis])]);
  }

  /** The numbers of a weight in the precision of the graph. The same weight is asked for as often as needed. */
  weight(weight: Weight, type: ElementType = this.type): Value {
    const key = `${weight.file.path}\n${weight.offset}\n${weight.shape.join()}\n${type}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return known.value;
    const stored = elementTypeOf(weight);
    const name = this.#fresh(weight.name);
    const message: TensorMessage = {
      name,
      type: stored,
      shape: weight.shape,
      data: { location: '', offset: weight.offset, length: weight.length },
    };
    const value = stored === type ? name : this.#castWeight(name, type);
    this.#weights.set(key, { weight, message, value });
    return value;
  }

  /** The finished model. */
  build(): BuiltGraph {
    const stored = [...this.#weights.values()];
    const folder = commonFolder(stored.map(({ weight }) => weight.file.path));
    const external = stored.map(({ weight, message }) => ({
      ...message,
      data: {
        location: relative(folder, weight.file.path).replaceAll(sep, '/'),
        offset: weight.offset,
        length: weight.length,
      },
    }));
    const model = encodeModel(
      {
        name: 'weighhouse',
        nodes: [...this.#casts, ...this.#nodes],
        initializers: [...this.#initializers, ...external],
        inputs: this.#inputs,
        outputs: this.#outputs,
      },
      OPSETS,
    );
    return { model, folder, inputs: this.#inputs.map(({ name }) => name) };
  }

  #castWeight(name: string, type: ElementType): Value {
    const value = this.#fresh('Cast');
    this.#casts.push({ operator: 'Cast', domain: '', inputs: [name], outputs: [value], attributes: castTo(type) });
    return value;
  }

  #constant(type: ElementType, shape: readonly number[], data: Uint8Array): Value {
    const key = `${type} ${shape.join()} ${Buffer.from(data).toString('base64')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.#initializers.push({ name, type, shape, data });
    this.#constants.set(key, name);
    return name;
  }

  #fresh(stem: string): string {
    this.#count += 1;
    return `${stem}/${this.#count}`;
  }
}

/** Operators of ONNX Runtime's own. */
const MICROSOFT: ReadonlySet<string> = new Set(['MultiHeadAttention', 'QuickGelu']);

function castTo(type: ElementType): Readonly<Record<string, AttributeValue>> {
  return { to: ELEMENT_TYPES[type] };
}

const STORED: Readonly<Record<string, ElementType>> = {
  F32: 'F32',
  F64: 'F64',
  F16: 'F16',
  BF16: 'BF16',
  F8_E4M3: 'F8_E4M3',
  F8_E4M3FNUZ: 'F8_E4M3FNUZ',
  F8_E5M2: 'F8_E5M2',
  F8_E5M2FNUZ: 'F8_E5M2FNUZ',
};

function elementTypeOf({ name, dtype }: Weight): ElementType {
  const type = STORED[dtype];
  if (type !== undefined) return type;
  throw new RenderError(
    'unsupported_architecture',
    `The tensor "${name}" is stored as ${dtype}, which the renderer does not support. Convert the model to fp16 first.`,
  );
}

/** ONNX Runtime reads external data below one folder only. */
function commonFolder(paths: readonly string[]): string {
  const [first = parse(process.cwd()).root + sep, ...others] = paths;
  let folder = dirname(first);
  for (const path of others) {
    while (!isBelow(folder, path)) {
      const parent = dirname(folder);
      if (parent === folder) {
        throw new RenderError('bad_request', 'All models must be on the same drive.');
      }
      folder = parent;
    }
  }
  return folder;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !/^[A-Za-z]:/.test(way);
}
