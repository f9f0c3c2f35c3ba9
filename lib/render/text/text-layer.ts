import { attention, type GraphBuilder, layerNorm, linear, type Value } from '../onnx/index.ts';
import type { TextEncoder, TextLayer } from './types.ts';

/** One layer over `x` [batch × positions, width]: each half is added to what came in. */
export function textLayer(
  graph: GraphBuilder,
  x: Value,
  layer: TextLayer,
  {
    width,
    heads,
    positions,
    kind,
    batch,
  }: Pick<TextEncoder, 'width' | 'heads' | 'positions' | 'kind'> & { batch: number },
): Value {
  const normal = layerNorm(graph, x, layer.attentionNorm);
  const split = (part: TextLayer['q']) => graph.reshape(linear(graph, normal, part), [batch, positions, width]);
  const shape = { batch, queries: positions, keys: positions, heads, headSize: width / heads };
  const seen = attention(graph, { q: split(layer.q), k: split(layer.k), v: split(layer.v) }, shape, true);
  const attended = graph.op('Add', [x, linear(graph, graph.reshape(seen, [batch * positions, width]), layer.out)]);

  const wide = linear(graph, layerNorm(graph, attended, layer.mlpNorm), layer.up);
  const active = kind === 'clip-l' ? quickGelu(graph, wide) : graph.op('Gelu', [wide]);
  return graph.op('Add', [attended, linear(graph, active, layer.down)]);
}

/** `x · σ(1.702 x)`: OpenAI's CLIP was trained with it, OpenCLIP with the exact function. */
function quickGelu(graph: GraphBuilder, x: Value): Value {
  const gate = graph.op('Sigmoid', [graph.op('Mul', [x, graph.numbers(1.702)])]);
  return graph.op('Mul', [x, gate]);
}
