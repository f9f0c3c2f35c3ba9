import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensorsFile } from '../../../../lib/demo/index.ts';
import { type PreparedLoras, type PreparingOptions, prepareLoras } from '../../../../lib/render/lora/index.ts';
import {
  convolution,
  GraphBuilder,
  type GraphTarget,
  groupNorm,
  type LayerPatches,
  layerNorm,
  linear,
} from '../../../../lib/render/onnx/index.ts';
import { openWeightFile, rowsOf, type Weight, type WeightFile } from '../../../../lib/render/weights/index.ts';
import { readMetadata } from '../../../fixtures/merge-files.ts';
import { randomNumbers } from '../../../fixtures/render/random-weights.ts';
import { type GraphInput, runGraph } from '../../../support/onnx-session.ts';

/** One layer with one LoRA, as `test/conformance/python/lora_goldens.py` lists them. */
export interface LoraCase {
  name: string;
  op: 'linear' | 'convolution' | 'layer-norm' | 'group-norm';
  stride: number;
  /** Shape of the input. */
  input: number[];
  weight: string;
  bias: string;
  shape: number[];
  row: number;
  rows: number;
  /** Shapes, or the numbers of scalars, by the tensor's name. */
  lora: Record<string, number[] | number>;
}

export type Storage = 'F32' | 'F16';

const metadata = readMetadata(join(import.meta.dirname, '../../../conformance/goldens/render/lora.safetensors'));
const parse = (key: string): unknown => JSON.parse(metadata.get(key) ?? '');
export const CASES = parse('cases') as LoraCase[];
/** Parts of a module by their names, for each layer of the attention. */
export const ATTENTION = parse('attention') as Record<string, Record<string, number[] | number>>;
export const STRENGTHS = parse('strengths') as Record<Storage, number[]>;

export const FP32: GraphTarget = { precision: 'fp32', attention: 'decomposed', attentionBytes: 1e9 };
export const FP16: GraphTarget = { ...FP32, precision: 'fp16' };

export function caseOf(name: string): LoraCase {
  const found = CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no case "${name}".`);
  return found;
}

/** A folder of its own for models and scratch. */
export class LoraFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'weighhouse-lora-'));
  #count = 0;

  /** Writes shapes with the numbers of `name` and the tensor's name, and scalars, as a model file. */
  write(name: string, tensors: Record<string, readonly number[] | number>, storage: Storage = 'F32'): WeightFile {
    return this.writeNumbers(
      Object.fromEntries(
        Object.entries(tensors).map(([tensor, shape]) =>
          typeof shape === 'number'
            ? [tensor, { shape: [], values: [shape] }]
            : [tensor, { shape, values: randomNumbers(`${name} ${tensor}`, shape) }],
        ),
      ),
      storage,
    );
  }

  writeNumbers(
    tensors: Record<string, { shape: readonly number[]; values: Iterable<number> }>,
    storage: Storage = 'F32',
  ): WeightFile {
    this.#count += 1;
    const path = join(this.path, `model-${this.#count}.safetensors`);
    writeSafetensorsFile(path, {
      tensors: Object.entries(tensors).map(([name, { shape, values }]) => ({
        name,
        shape: [...shape],
        dtype: storage,
        data: new Uint8Array((storage === 'F16' ? Float16Array.from(values) : Float32Array.from(values)).buffer),
      })),
    });
    return openWeightFile(path);
  }

  checkpointOf({ name, weight, bias, shape }: LoraCase, storage: Storage = 'F32'): WeightFile {
    return this.write(name, { [weight]: shape, [bias]: shape.slice(0, 1) }, storage);
  }

  prepare(
    checkpoint: WeightFile,
    loras: readonly WeightFile[],
    options: Partial<PreparingOptions> = {},
  ): Promise<PreparedLoras> {
    const named = loras.map((file, index) => ({ file, name: `lora ${index}` }));
    return prepareLoras(checkpoint, named, { scratch: this.path, ...options });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs the one layer of a case with the input that its name makes. */
export async function runCase(
  one: LoraCase,
  checkpoint: WeightFile,
  { patches, parameters = {}, target = FP32, provider = 'cpu' }: CaseRun = {},
): Promise<Float32Array> {
  const graph = new GraphBuilder(target, patches);
  const given = graph.input('x', 'F32', one.input);
  const x = target.precision === 'fp16' ? graph.cast(given, 'F16') : given;
  const whole = (name: string) => checkpoint.tensors.get(name) as Weight;
  const weight = rowsOf(whole(one.weight), one.row, one.rows);
  const layer = { weight, bias: rowsOf(whole(one.bias), one.row, one.rows), row: one.row };
  const [batch = 1, , height = 1, width = 1] = one.input;
  let shape = [batch, one.rows];
  let y = '';
  if (one.op === 'linear') y = linear(graph, x, layer);
  else if (one.op === 'layer-norm') y = layerNorm(graph, x, layer);
  else if (one.op === 'group-norm') {
    y = groupNorm(graph, x, layer, { shape: one.input });
    shape = one.input;
  } else {
    y = convolution(graph, x, layer, { stride: one.stride });
    shape = [batch, one.rows, Math.ceil(height / one.stride), Math.ceil(width / one.stride)];
  }
  graph.output('y', target.precision === 'fp16' ? graph.cast(y, 'F32') : y, 'F32', shape);
  const input = { type: 'float32', data: randomNumbers(`${one.name} x`, one.input), shape: one.input } as const;
  return await run(graph, { x: input }, parameters, provider);
}

interface CaseRun {
  patches?: LayerPatches;
  parameters?: Record<string, number>;
  target?: GraphTarget;
  provider?: 'cpu' | 'webgpu';
}

/** Runs a graph with those of the parameters that it has, and answers its result `y`. */
export async function run(
  graph: GraphBuilder,
  inputs: Record<string, GraphInput>,
  parameters: Record<string, number>,
  provider: 'cpu' | 'webgpu' = 'cpu',
): Promise<Float32Array> {
  const built = graph.build();
  const used = Object.entries(parameters).filter(([name]) => built.inputs.includes(name));
  const given = used.map(
    ([name, value]) => [name, { type: 'float32', data: Float32Array.of(value), shape: [1] }] as const,
  );
  const results = await runGraph(built, { ...inputs, ...Object.fromEntries(given) }, provider);
  return results.y ?? new Float32Array();
}
