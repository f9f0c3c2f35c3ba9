import { attention, convolution, type GraphBuilder, groupNorm, layerNorm, linear, type Value } from '../onnx/index.ts';
import type { AttentionWeights, SpatialTransformer, TransformerBlock } from './architecture.ts';
import type { FeatureMap } from './feature-map.ts';

/** What all blocks of a graph share. */
export interface Conditions {
  batch: number;
  /** The embedded timestep behind its SiLU: [1 or batch, width]. */
  time: Value;
  /** Text: [batch × tokens, width]. */
  context: Value;
  tokens: number;
}

/** Of the norm in front of a transformer; those of residual blocks have the usual one. */
const EPSILON = 1e-6;

/** Attention of every place of the picture to all places and to the text, added to the picture. */
export function buildTransformer(
  graph: GraphBuilder,
  picture: FeatureMap,
  layer: SpatialTransformer,
  conditions: Conditions,
): FeatureMap {
  const { batch } = conditions;
  const { channels, height, width } = picture;
  const places = height * width;
  const shape = [batch, channels, height, width];
  const isConvolution = layer.projectIn.weight.shape.length === 4;

  const toRows = (value: Value) =>
    graph.reshape(graph.transpose(graph.reshape(value, [batch, channels, places]), [0, 2, 1]), [
      batch * places,
      channels,
    ]);
  const toPicture = (rows: Value) =>
    graph.reshape(graph.transpose(graph.reshape(rows, [batch, places, channels]), [0, 2, 1]), shape);

  const normal = groupNorm(graph, picture.value, layer.norm, { shape, epsilon: EPSILON });
  let rows = isConvolution
    ? toRows(convolution(graph, normal, layer.projectIn))
    : linear(graph, toRows(normal), layer.projectIn);
  for (const block of layer.blocks) rows = buildBlock(graph, rows, { block, layer, places, conditions });
  const result = isConvolution
    ? convolution(graph, toPicture(rows), layer.projectOut)
    : toPicture(linear(graph, rows, layer.projectOut));
  return { ...picture, value: graph.op('Add', [result, picture.value]) };
}

interface BlockPlace {
  block: TransformerBlock;
  layer: SpatialTransformer;
  places: number;
  conditions: Conditions;
}

function buildBlock(graph: GraphBuilder, rows: Value, { block, layer, places, conditions }: BlockPlace): Value {
  const { channels, heads, wide } = layer;
  const { batch, context, tokens } = conditions;
  const attend = (queries: Value, keys: Value, count: number, { q, k, v, out }: AttentionWeights) => {
    const split = (value: Value, length: number) => graph.reshape(value, [batch, length, channels]);
    const mixed = attention(
      graph,
      {
        q: split(linear(graph, queries, q), places),
        k: split(linear(graph, keys, k), count),
        v: split(linear(graph, keys, v), count),
      },
      { batch, queries: places, keys: count, heads, headSize: channels / heads, wide },
    );
    return linear(graph, graph.reshape(mixed, [batch * places, channels]), out);
  };
  const add = (one: Value, other: Value) => graph.op('Add', [one, other]);

  const first = layerNorm(graph, rows, block.norm1);
  const looked = add(attend(first, first, places, block.self), rows);
  const read = add(attend(layerNorm(graph, looked, block.norm2), context, tokens, block.cross), looked);
  return add(feedForward(graph, layerNorm(graph, read, block.norm3), block), read);
}

/** GEGLU: half of the wide rows, each number times the exact GELU of its gate in the other half. */
function feedForward(graph: GraphBuilder, rows: Value, { widen, narrow }: TransformerBlock): Value {
  const wide = linear(graph, rows, widen);
  const [values = wide, gates = wide] = graph.ops('Split', [wide], 2, { axis: 1, num_outputs: 2 });
  return linear(graph, graph.op('Mul', [values, graph.op('Gelu', [gates])]), narrow);
}
