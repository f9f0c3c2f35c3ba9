import type { GraphBuilder, Value } from './graph-builder.ts';
import type { ElementType } from './messages.ts';

/** Sizes of an attention: `queries` and `keys` are counts of positions. */
export interface AttentionShape {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  /** Numbers of one head. */
  headSize: number;
  /** Computes in fp32 at every precision, for networks whose scores are too large for half precision. */
  wide?: boolean;
}

/**
 * Scaled dot-product attention of `q` [batch, queries, heads × headSize] over `k` and `v` [batch, keys, heads × headSize].
 * `causal` lets no query see later keys. The result is shaped as `q` is.
 */
export function attention(
  graph: GraphBuilder,
  { q, k, v }: { q: Value; k: Value; v: Value },
  shape: AttentionShape,
  causal = false,
): Value {
  if (shape.wide === true && graph.type !== 'F32') {
    const widened = { q: graph.cast(q, 'F32'), k: graph.cast(k, 'F32'), v: graph.cast(v, 'F32') };
    return graph.cast(attend(graph, widened, shape, { causal, type: 'F32' }), graph.type);
  }
  return attend(graph, { q, k, v }, shape, { causal, type: graph.type });
}

interface AttentionKind {
  causal: boolean;
  /** Of the numbers. */
  type: ElementType;
}

function attend(
  graph: GraphBuilder,
  { q, k, v }: { q: Value; k: Value; v: Value },
  shape: AttentionShape,
  kind: AttentionKind,
): Value {
  if (graph.target.attention === 'fused')
    return graph.op('MultiHeadAttention', [q, k, v], { num_heads: shape.heads, unidirectional: kind.causal ? 1 : 0 });
  return decomposeAttention(graph, { q, k, v }, shape, kind);
}

/** MatMul, Softmax, MatMul: the queries one part after another, so that the scores of a part stay below the limit. */
function decomposeAttention(
  graph: GraphBuilder,
  { q, k, v }: { q: Value; k: Value; v: Value },
  { batch, queries, keys, heads, headSize }: AttentionShape,
  { causal, type }: AttentionKind,
): Value {
  const split = (value: Value, count: number) => graph.reshape(value, [batch, count, heads, headSize]);
  const scaled = graph.op('Mul', [q, graph.numbers(1 / Math.sqrt(headSize), type)]);
  const query = graph.transpose(split(scaled, queries), [0, 2, 1, 3]);
  const key = graph.transpose(split(k, keys), [0, 2, 3, 1]);
  const value = graph.transpose(split(v, keys), [0, 2, 1, 3]);
  const mask = causal ? causalMask(graph, queries, keys, type) : null;

  const bytesPerQuery = batch * heads * keys * (type === 'F16' ? 2 : 4);
  const part = Math.max(1, Math.min(queries, Math.floor(graph.target.attentionBytes / bytesPerQuery)));
  const parts: Value[] = [];
  for (let from = 0; from < queries; from += part) {
    const to = Math.min(queries, from + part);
    const some = part >= queries ? query : graph.slice(query, 2, from, to);
    let scores = graph.op('MatMul', [some, key]);
    if (mask !== null) scores = graph.op('Add', [scores, part >= queries ? mask : graph.slice(mask, 0, from, to)]);
    parts.push(graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), value]));
  }
  const all = parts.length === 1 ? (parts[0] as Value) : graph.op('Concat', parts, { axis: 2 });
  return graph.reshape(graph.transpose(all, [0, 2, 1, 3]), [batch, queries, heads * headSize]);
}

/** Below anything that a score can be, and a number in half precision too. */
const HIDDEN = -10_000;

function causalMask(graph: GraphBuilder, queries: number, keys: number, type: ElementType): Value {
  const cells = Array.from({ length: queries * keys }, (_, at) => (at % keys > Math.floor(at / keys) ? HIDDEN : 0));
  return graph.reshape(graph.numbers(cells, type), [queries, keys]);
}
