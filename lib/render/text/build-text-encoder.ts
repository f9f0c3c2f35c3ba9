import {
  type BuiltGraph,
  GraphBuilder,
  type GraphTarget,
  type LayerPatches,
  layerNorm,
  linear,
  type Value,
} from '../onnx/index.ts';
import type { HiddenState } from './hidden-state.ts';
import { textLayer } from './text-layer.ts';
import type { TextEncoder } from './types.ts';

export interface TextGraphOptions {
  target: GraphTarget;
  /** Texts at once. */
  batch: number;
  /** What `hidden` is. */
  state: HiddenState;
  /** Whether there is `pooled` too: the encoder needs a projection. */
  pooled?: boolean;
  /** Whether vectors of textual inversions may stand in place of tokens' own. */
  replaced?: boolean;
  patches?: LayerPatches;
}

/**
 * The graph of a text encoder. Inputs:
 * - `ids` I32 [batch, positions];
 * - with `replaced`: `replaced` F32 [batch, positions, 1], 1 where a vector takes the place of the token's, else 0; and
 *   `vectors` F32 [batch, positions, width];
 * - with `pooled`: `end` I32 [batch], the position of the first end token.
 *
 * Results, F32 at every precision:
 * - `hidden` [batch, positions, width];
 * - with `pooled`: `pooled` [batch, projection]: the last layer's state at the end token, normed and projected.
 *
 * It has the layers that its results need, and no more.
 */
export function buildTextEncoder(encoder: TextEncoder, options: TextGraphOptions): BuiltGraph {
  const { width, positions, layers, finalNorm } = encoder;
  const { target, batch, state } = options;
  const graph = new GraphBuilder(target, options.patches);
  const rows = [batch * positions, width];

  let x = graph.reshape(embed(graph, encoder, options), rows);
  const run = (from: number, to: number) => {
    for (const layer of layers.slice(from, to)) x = textLayer(graph, x, layer, { ...encoder, batch });
  };
  run(0, state.layers);
  const hidden = state.finalNorm ? layerNorm(graph, x, finalNorm) : x;
  const shape = [batch, positions, width];
  graph.output('hidden', graph.cast(graph.reshape(hidden, shape), 'F32'), 'F32', shape);

  if (options.pooled === true && encoder.projection !== undefined) {
    run(state.layers, layers.length);
    const last = layerNorm(graph, rowsAtEnd(graph, x, encoder, batch), finalNorm);
    const { weight, transposed } = encoder.projection;
    const size = weight.shape[transposed ? 1 : 0] ?? width;
    graph.output('pooled', graph.cast(linear(graph, last, encoder.projection, { transposed }), 'F32'), 'F32', [
      batch,
      size,
    ]);
  }
  return graph.build();
}

/** What goes into the first layer: each token's vector, or the one in its place, and its position's. */
function embed(graph: GraphBuilder, encoder: TextEncoder, { batch, replaced }: TextGraphOptions): Value {
  const { positions, width } = encoder;
  const ids = graph.input('ids', 'I32', [batch, positions]);
  // Not cast after the few rows are taken: devices without half precision cannot take rows of it, nor any of BF16.
  const own = graph.op('Gather', [graph.weight(encoder.tokenTable), ids]);
  let tokens = own;
  if (replaced === true) {
    const where = graph.cast(graph.input('replaced', 'F32', [batch, positions, 1]), 'BOOL');
    const vectors = graph.cast(graph.input('vectors', 'F32', [batch, positions, width]), graph.type);
    tokens = graph.op('Where', [where, vectors, own]);
  }
  return graph.op('Add', [tokens, graph.weight(encoder.positionTable)]);
}

/** The rows of `x` [batch × positions, width] at the end of each text. */
function rowsAtEnd(graph: GraphBuilder, x: Value, { positions }: TextEncoder, batch: number): Value {
  const end = graph.input('end', 'I32', [batch]);
  const starts = Array.from({ length: batch }, (_, text) => text * positions);
  return graph.op('Gather', [x, graph.op('Add', [end, graph.cast(graph.integers(starts), 'I32')])]);
}
