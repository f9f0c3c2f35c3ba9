import { join } from 'node:path';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import {
  attention,
  convolution,
  GraphBuilder,
  type GraphTarget,
  groupNorm,
  layerNorm,
  linear,
  silu,
  type Value,
} from '#lib/render/onnx/index.ts';
import { openWeightFile, type Weight } from '#lib/render/weights/index.ts';
import { randomTensors } from '../../fixtures/render/random-weights.ts';
import { randomInput } from '../../fixtures/render/unet-cases.ts';
import type { GraphInput } from '../onnx-session.ts';
import type { GraphCase } from './graph-case.ts';

/** Weights of the layers, by shape. */
const LAYOUT: readonly [name: string, shape: readonly number[]][] = [
  ['matrix.weight', [96, 64]],
  ['matrix.bias', [96]],
  ['kernel3.weight', [64, 32, 3, 3]],
  ['kernel1.weight', [64, 32, 1, 1]],
  ['kernel.bias', [64]],
  ['norm.weight', [64]],
  ['norm.bias', [64]],
  ['groups.weight', [32]],
  ['groups.bias', [32]],
];

const ROWS = [150, 64];
const PICTURE = [2, 32, 9, 13];
const PLACES = 117;
const TOKENS = 77;

type Layers = Record<'matrix' | 'kernel3' | 'kernel1' | 'norm' | 'groups', { weight: Weight; bias: Weight }>;
/** Declares an input of random numbers. */
type Give = (shape: readonly number[], name?: string) => Value;
type Build = (graph: GraphBuilder, give: Give, layers: Layers) => [result: Value, shape: readonly number[]];

const resize = (graph: GraphBuilder, value: Value, sizes: readonly number[]) =>
  graph.op('Resize', [value, '', '', graph.integers(sizes)], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });

/** Every layer and operator that the networks are made of. */
const OPERATORS: Readonly<Record<string, Build>> = {
  linear: (graph, give, { matrix }) => [linear(graph, give(ROWS), matrix), [150, 96]],
  'convolution 3×3': (graph, give, { kernel3 }) => [convolution(graph, give(PICTURE), kernel3), [2, 64, 9, 13]],
  'convolution 3×3, every second': (graph, give, { kernel3 }) => [
    convolution(graph, give(PICTURE), kernel3, { stride: 2 }),
    [2, 64, 5, 7],
  ],
  'convolution padded at one end': (graph, give, { kernel3 }) => [
    convolution(graph, give([2, 32, 8, 8]), kernel3, { stride: 2, padding: [0, 0, 1, 1] }),
    [2, 64, 4, 4],
  ],
  'convolution 1×1': (graph, give, { kernel1 }) => [convolution(graph, give(PICTURE), kernel1), [2, 64, 9, 13]],
  'group norm': (graph, give, { groups }) => [
    groupNorm(graph, give(PICTURE), groups, { shape: PICTURE, groups: 8 }),
    PICTURE,
  ],
  'layer norm': (graph, give, { norm }) => [layerNorm(graph, give(ROWS), norm), ROWS],
  SiLU: (graph, give) => [silu(graph, give(ROWS)), ROWS],
  GELU: (graph, give) => [graph.op('Gelu', [give(ROWS)]), ROWS],
  QuickGELU: (graph, give) => [graph.op('QuickGelu', [give(ROWS)]), ROWS],
  'halves multiplied': (graph, give) => {
    const [first = '', second = ''] = graph.ops('Split', [give(ROWS)], 2, { axis: 1, num_outputs: 2 });
    return [graph.op('Mul', [first, second]), [150, 32]];
  },
  'twice as large': (graph, give) => [resize(graph, give([2, 32, 5, 7]), [2, 32, 10, 14]), [2, 32, 10, 14]],
  'nearly twice as large': (graph, give) => [resize(graph, give([2, 32, 5, 7]), [2, 32, 9, 13]), [2, 32, 9, 13]],
  concatenation: (graph, give) => [
    graph.op('Concat', [give(PICTURE), give([2, 16, 9, 13], 'y')], { axis: 1 }),
    [2, 48, 9, 13],
  ],
  'attention in parts': (graph, give) => {
    const [q, k] = [give([2, PLACES, 64]), give([2, PLACES, 64], 'y')];
    const shape = { batch: 2, queries: PLACES, keys: PLACES, heads: 4, headSize: 16 };
    return [attention(graph, { q, k, v: k }, shape), [2, PLACES, 64]];
  },
  'attention to text': (graph, give) => {
    const [q, k] = [give([2, PLACES, 64]), give([2, TOKENS, 64], 'y')];
    const shape = { batch: 2, queries: PLACES, keys: TOKENS, heads: 1, headSize: 64 };
    return [attention(graph, { q, k, v: k }, shape), [2, PLACES, 64]];
  },
  'causal attention': (graph, give) => {
    const x = give([2, TOKENS, 64]);
    const shape = { batch: 2, queries: TOKENS, keys: TOKENS, heads: 4, headSize: 16 };
    return [attention(graph, { q: x, k: x, v: x }, shape, true), [2, TOKENS, 64]];
  },
};

export const OPERATOR_NAMES = Object.keys(OPERATORS);

/** Graphs of one operator each. Writes their weights into the folder. */
export function listOperatorCases(folder: string, target: GraphTarget): GraphCase[] {
  const path = join(folder, 'operators.safetensors');
  const layout = LAYOUT.map(([name, shape]) => ({ name, shape }));
  writeSafetensorsFile(path, { tensors: randomTensors(layout, 'F16') });
  const { tensors } = openWeightFile(path);
  const pick = (weight: string, bias: string) => {
    const found = { weight: tensors.get(weight), bias: tensors.get(bias) };
    if (found.weight === undefined || found.bias === undefined) throw new Error(`No tensors ${weight} and ${bias}.`);
    return { weight: found.weight, bias: found.bias };
  };
  const layers: Layers = {
    matrix: pick('matrix.weight', 'matrix.bias'),
    kernel3: pick('kernel3.weight', 'kernel.bias'),
    kernel1: pick('kernel1.weight', 'kernel.bias'),
    norm: pick('norm.weight', 'norm.bias'),
    groups: pick('groups.weight', 'groups.bias'),
  };
  return Object.entries(OPERATORS).map(([name, build]) => ({
    name,
    make() {
      const graph = new GraphBuilder(target);
      const inputs: Record<string, GraphInput> = {};
      const give: Give = (sides, input = 'x') => {
        const count = sides.reduce((product, side) => product * side, 1);
        inputs[input] = { type: 'float32', data: randomInput(`${name} ${input}`, count), shape: sides };
        return graph.input(input, 'F32', sides);
      };
      const [result, shape] = build(graph, give, layers);
      graph.output('result', result, 'F32', shape);
      return { graph: graph.build(), inputs };
    },
  }));
}
