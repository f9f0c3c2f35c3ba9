import type { Target } from '#scanner/merge/index.ts';
import type { GraphBuilder, Value } from '../onnx/index.ts';
import { reshaped, type Weight } from '../weights/index.ts';
import type { AxisFactors, FactorProduct, LayerChange, ScaledChange } from './changes.ts';

/**
 * What a change adds to `weight`, which is of `shape`, at the strength of the run; null for changes of something else.
 * Factors are multiplied again in each run: only they stay in memory.
 */
export function addedToWeight(
  graph: GraphBuilder,
  layer: { weight: Value; shape: readonly number[] },
  strong: ScaledChange,
): Value | null {
  const added = plainChange(graph, layer, strong);
  if (added === null || strong.lengths === undefined) return added;
  const factors = graph.op('Add', [alongAxis(graph, layer.shape, strong.lengths), graph.numbers([1])]);
  return graph.op('Mul', [added, factors]);
}

function plainChange(
  graph: GraphBuilder,
  { weight, shape }: { weight: Value; shape: readonly number[] },
  { change, strength: { value, isOn } }: ScaledChange,
): Value | null {
  switch (change.kind) {
    case 'dense':
      return graph.op('Mul', [graph.weight(reshaped(change.weight, shape)), graph.parameter(value)]);
    case 'scaling': {
      const scaled = graph.op('Mul', [alongAxis(graph, shape, change), graph.parameter(value)]);
      return graph.op('Mul', [weight, scaled]);
    }
    case 'turned': {
      const [blocks = 1, size = 1] = change.blocks.shape;
      const scaled = graph.op('Mul', [graph.weight(change.blocks), graph.parameter(value)]);
      const rows = graph.reshape(weight, [blocks, size, -1]);
      return graph.reshape(graph.op('MatMul', [scaled, rows]), shape);
    }
    case 'hadamard': {
      const first = multiply(graph, change.first, change.target, graph.parameter(value, change.scale));
      // A product of nothing but constants would be kept as large as the weight from loading on.
      const second = multiply(graph, change.second, change.target, graph.parameter(isOn));
      return graph.reshape(graph.op('Mul', [first, second]), shape);
    }
    case 'kronecker': {
      const { first, second } = change.sizes;
      const left = whole(graph, change.first, first, graph.parameter(value, change.scale));
      const right = whole(graph, change.second, second, graph.parameter(isOn));
      const blocks = graph.op('Mul', [
        graph.reshape(left, [first.rows, 1, first.columns, 1]),
        graph.reshape(right, [1, second.rows, 1, second.columns]),
      ]);
      return graph.reshape(blocks, shape);
    }
    case 'bent':
      return reshapeChange(graph, { weight, shape }, change, graph.parameter(value, change.scale));
    default:
      return null;
  }
}

/** Factors so that they go with the weight's outputs or inputs. */
function alongAxis(graph: GraphBuilder, shape: readonly number[], { axis, factors }: AxisFactors): Value {
  const place = axis === 'output' ? 0 : 1;
  return graph.weight(
    reshaped(
      factors,
      shape.map((side, at) => (at === place ? side : 1)),
    ),
  );
}

function whole(graph: GraphBuilder, factor: Weight | FactorProduct, size: Target, scale: Value): Value {
  if ('a' in factor) return multiply(graph, factor, size, scale);
  return graph.op('Mul', [graph.weight(reshaped(factor, [size.rows, size.columns])), scale]);
}

/** A product of factors as a matrix of `rows` × `columns`. */
function multiply(
  graph: GraphBuilder,
  { a, b, core }: FactorProduct,
  { rows, columns, inputs, kernel }: Target,
  scale: Value,
): Value {
  if (core === undefined) {
    const inner = b.shape[0] ?? 1;
    const left = graph.op('Mul', [graph.weight(reshaped(a, [rows, inner])), scale]);
    return graph.op('MatMul', [left, graph.weight(reshaped(b, [inner, columns]))]);
  }
  const [outer = 1, inner = 1] = core.shape;
  const left = graph.op('Mul', [graph.transpose(graph.weight(reshaped(a, [outer, rows])), [1, 0]), scale]);
  const middle = graph.op('MatMul', [left, graph.weight(reshaped(core, [outer, inner * kernel]))]);
  const turned = graph.transpose(graph.reshape(middle, [rows, inner, kernel]), [0, 2, 1]);
  const right = graph.weight(reshaped(b, [inner, inputs]));
  const product = graph.op('MatMul', [graph.reshape(turned, [rows * kernel, inner]), right]);
  const back = graph.transpose(graph.reshape(product, [rows, kernel, inputs]), [0, 2, 1]);
  return graph.reshape(back, [rows, columns]);
}

/** The weight's inputs through two matrices; each place of a convolution's kernel by itself. */
function reshapeChange(
  graph: GraphBuilder,
  { weight, shape }: { weight: Value; shape: readonly number[] },
  { a, b, inner, target: { rows, inputs, kernel } }: Extract<LayerChange, { kind: 'bent' }>,
  scale: Value,
): Value {
  const byPlace = graph.transpose(graph.reshape(weight, [rows, inputs, kernel]), [0, 2, 1]);
  const down = graph.op('Mul', [graph.weight(reshaped(a, [inputs, inner])), scale]);
  const low = graph.op('MatMul', [graph.reshape(byPlace, [rows * kernel, inputs]), down]);
  const high = graph.op('MatMul', [low, graph.weight(reshaped(b, [inner, inputs]))]);
  return graph.reshape(graph.transpose(graph.reshape(high, [rows, kernel, inputs]), [0, 2, 1]), shape);
}
