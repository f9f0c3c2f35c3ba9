import type { Weight } from '../weights/index.ts';
import { reshaped } from '../weights/index.ts';
import { type GraphBuilder, type LayerKind, type LayerPatch, patchKey, type Value } from './graph-builder.ts';

/** A layer's numbers: a matrix or kernel, and what is added. */
export interface LayerWeights {
  weight: Weight;
  bias?: Weight | undefined;
  /** The first row of the layer where it is a part of its tensor. */
  row?: number;
}

/** How a convolution goes over its picture; both sides alike. */
export interface ConvolutionOptions {
  stride?: number;
  /** Rows and columns of zeros around: the half of the kernel unless given; `[top, left, bottom, right]` where they differ. */
  padding?: number | readonly [number, number, number, number];
}

/**
 * `x · Wᵀ + b` for `x` of [rows, in] (Gemm with transB: no transposed copy of the weight is made). The weight may be
 * stored as a 1×1 kernel, or `transposed`: as [in, out]. LoRAs on the layer are applied.
 */
export function linear(graph: GraphBuilder, x: Value, layer: LayerWeights, { transposed = false } = {}): Value {
  const patches = patchesOf(graph, layer);
  const [rows = 1, ...rest] = layer.weight.shape;
  const columns = rest.reduce((product, side) => product * side, 1);
  const stored = graph.weight(reshaped(layer.weight, [rows, columns]));
  const plain = transposed ? graph.transpose(stored, [1, 0]) : stored;
  const shape = transposed ? [columns, rows] : [rows, columns];
  const weight = changedWeight(graph, plain, shape, patches);
  const bias = changedBias(graph, layer, patches);
  const result = graph.op('Gemm', bias === null ? [x, weight] : [x, weight, bias], { transB: 1 });
  return addToOutput(graph, x, result, patches, { kind: 'linear' });
}

/** A convolution of `x` [batch, in, height, width]. LoRAs on the layer are applied. */
export function convolution(
  graph: GraphBuilder,
  x: Value,
  layer: LayerWeights,
  { stride = 1, padding }: ConvolutionOptions = {},
): Value {
  const patches = patchesOf(graph, layer);
  const { shape } = layer.weight;
  const kernel = shape[2] ?? 1;
  const pads = typeof padding === 'object' ? padding : [0, 0, 0, 0].map(() => padding ?? Math.floor(kernel / 2));
  const weight = changedWeight(graph, graph.weight(layer.weight), shape, patches);
  const bias = changedBias(graph, layer, patches);
  const result = graph.op('Conv', bias === null ? [x, weight] : [x, weight, bias], {
    kernel_shape: [kernel, shape[3] ?? kernel],
    strides: [stride, stride],
    pads,
  });
  return addToOutput(graph, x, result, patches, { kind: 'convolution', stride, pads });
}

/** Normalisation over groups of channels of `x` [batch, channels, height, width], in fp32 whatever the graph's precision. */
export function groupNorm(
  graph: GraphBuilder,
  x: Value,
  { weight, bias }: Required<Pick<LayerWeights, 'weight' | 'bias'>>,
  { shape, groups = 32, epsilon = 1e-5 }: { shape: readonly number[]; groups?: number; epsilon?: number },
): Value {
  const [batch = 1, channels = 1] = shape;
  const layer = { weight, bias };
  const patches = patchesOf(graph, layer);
  const wide = graph.target.precision === 'fp16' ? graph.cast(x, 'F32') : x;
  const grouped = graph.reshape(wide, [batch, groups, -1]);
  const ones = graph.numbers(
    Array.from({ length: groups }, () => 1),
    'F32',
  );
  const zeros = graph.numbers(
    Array.from({ length: groups }, () => 0),
    'F32',
  );
  const normal = graph.op('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: epsilon } });
  const narrow = graph.target.precision === 'fp16' ? graph.cast(normal, 'F16') : normal;
  const back = graph.reshape(narrow, shape);
  const scale = changedWeight(graph, graph.weight(weight), [channels], patches);
  const shift = bias === undefined ? null : changedBias(graph, layer, patches);
  const scaled = graph.op('Mul', [back, graph.reshape(scale, [1, channels, 1, 1])]);
  return shift === null ? scaled : graph.op('Add', [scaled, graph.reshape(shift, [1, channels, 1, 1])]);
}

/** Normalisation over the last axis. ONNX computes its mean and variance in fp32 at every precision. */
export function layerNorm(graph: GraphBuilder, x: Value, layer: LayerWeights, epsilon = 1e-5): Value {
  const patches = patchesOf(graph, layer);
  const scale = changedWeight(graph, graph.weight(layer.weight), layer.weight.shape, patches);
  const shift = changedBias(graph, layer, patches);
  return graph.op('LayerNormalization', shift === null ? [x, scale] : [x, scale, shift], {
    axis: -1,
    epsilon: { float: epsilon },
  });
}

/** `x · σ(x)`. */
export function silu(graph: GraphBuilder, x: Value): Value {
  return graph.op('Mul', [x, graph.op('Sigmoid', [x])]);
}

function patchesOf(graph: GraphBuilder, { weight, row }: LayerWeights): readonly LayerPatch[] {
  return graph.patches.get(patchKey(weight.name, row)) ?? [];
}

function changedWeight(
  graph: GraphBuilder,
  weight: Value,
  shape: readonly number[],
  patches: readonly LayerPatch[],
): Value {
  return patches.reduce((value, patch) => patch.changeWeight?.(graph, value, shape) ?? value, weight);
}

function addToOutput(
  graph: GraphBuilder,
  x: Value,
  result: Value,
  patches: readonly LayerPatch[],
  kind: LayerKind,
): Value {
  return patches.reduce((value, patch) => patch.addToOutput?.(graph, x, value, kind) ?? value, result);
}

function changedBias(graph: GraphBuilder, { bias }: LayerWeights, patches: readonly LayerPatch[]): Value | null {
  const plain = bias === undefined ? null : graph.weight(bias);
  return patches.reduce<Value | null>((value, patch) => patch.changeBias?.(graph, value) ?? value, plain);
}
