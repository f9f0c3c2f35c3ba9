import { attention, convolution, type GraphBuilder, groupNorm, linear, silu, type Value } from '../onnx/index.ts';
import type { VaeAttention, VaeHalf, VaeMiddle, VaeNorm, VaeResidual } from './types.ts';

/** Of the norms of every published VAE (latent-diffusion, `Normalize`). */
const EPSILON = 1e-6;

/** A picture between two layers: `value` is [batch, channels, height, width]. */
export interface Plane {
  value: Value;
  batch: number;
  height: number;
  width: number;
}

export function residual(graph: GraphBuilder, plane: Plane, block: VaeResidual): Plane {
  const { value } = plane;
  const inner = convolution(graph, active(graph, plane, block.norm1, block.input), block.conv1);
  const result = convolution(graph, active(graph, { ...plane, value: inner }, block.norm2, block.output), block.conv2);
  const passed = block.shortcut === null ? value : convolution(graph, value, block.shortcut);
  return { ...plane, value: graph.op('Add', [passed, result]) };
}

/** Residual block, attention over all places, residual block. */
export function middle(graph: GraphBuilder, plane: Plane, { first, attention: inner, second }: VaeMiddle): Plane {
  return residual(graph, attend(graph, residual(graph, plane, first), inner, first.output), second);
}

/** Norm, SiLU and convolution: how each half ends. */
export function ending(graph: GraphBuilder, plane: Plane, { outputNorm, output }: VaeHalf): Value {
  const channels = outputNorm.weight.shape[0] ?? 0;
  return convolution(graph, active(graph, plane, outputNorm, channels), output);
}

function attend(graph: GraphBuilder, plane: Plane, layer: VaeAttention, channels: number): Plane {
  const { value, batch, height, width } = plane;
  const places = height * width;
  const normal = norm(graph, plane, layer.norm, channels);
  // One row a place.
  const rows = graph.reshape(graph.transpose(graph.reshape(normal, [batch, channels, places]), [0, 2, 1]), [
    batch * places,
    channels,
  ]);
  const split = (part: VaeAttention['q']) => graph.reshape(linear(graph, rows, part), [batch, places, channels]);
  const shape = { batch, queries: places, keys: places, heads: 1, headSize: channels };
  const seen = attention(graph, { q: split(layer.q), k: split(layer.k), v: split(layer.v) }, shape);
  const out = linear(graph, graph.reshape(seen, [batch * places, channels]), layer.out);
  const back = graph.transpose(graph.reshape(out, [batch, places, channels]), [0, 2, 1]);
  return { ...plane, value: graph.op('Add', [value, graph.reshape(back, [batch, channels, height, width])]) };
}

function active(graph: GraphBuilder, plane: Plane, layer: VaeNorm, channels: number): Value {
  return silu(graph, norm(graph, plane, layer, channels));
}

function norm(graph: GraphBuilder, { value, batch, height, width }: Plane, layer: VaeNorm, channels: number): Value {
  return groupNorm(graph, value, layer, { shape: [batch, channels, height, width], epsilon: EPSILON });
}
