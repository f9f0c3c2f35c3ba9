import type { GraphBuilder, LayerKind, Value } from '../onnx/index.ts';
import { reshaped } from '../weights/index.ts';
import type { AxisFactors, LowRank, ScaledChange } from './changes.ts';

/** A layer's sizes: outputs, inputs and the sides of its kernel, none for matrices. */
export interface LayerSize {
  rows: number;
  inputs: number;
  kernel: readonly number[];
}

/** What low-rank factors make of a layer's input, at the strength of the run. The weight itself is never made. */
export function lowRankOutput(
  graph: GraphBuilder,
  { input, size }: { input: Value; size: LayerSize },
  { change, strength, lengths }: ScaledChange & { change: LowRank },
  layer: LayerKind,
): Value {
  const bent = lengths?.axis === 'input' ? graph.op('Mul', [input, alongChannels(graph, lengths, layer)]) : input;
  const scale = graph.parameter(strength.value, change.scale);
  const output =
    layer.kind === 'linear'
      ? multiply(graph, { input: bent, size }, change, scale)
      : convolve(graph, { input: bent, size }, change, scale, layer);
  return lengths?.axis === 'output' ? graph.op('Mul', [output, alongChannels(graph, lengths, layer)]) : output;
}

/** The factors of DoRA along the channels, which are the second axis of pictures and the last of rows. */
function alongChannels(graph: GraphBuilder, { factors }: AxisFactors, { kind }: LayerKind): Value {
  const count = factors.shape[0] ?? 1;
  const less = graph.weight(reshaped(factors, kind === 'linear' ? [1, count] : [1, count, 1, 1]));
  return graph.op('Add', [less, graph.numbers([1])]);
}

function multiply(
  graph: GraphBuilder,
  { input, size }: { input: Value; size: LayerSize },
  { up, down, core, inner, outer }: LowRank,
  scale: Value,
): Value {
  const through = (x: Value, weight: Value) => graph.op('Gemm', [x, weight], { transB: 1 });
  let low = through(input, graph.weight(reshaped(down, [inner, size.inputs])));
  if (core !== undefined) low = through(low, graph.weight(reshaped(core, [outer, inner])));
  return through(graph.op('Mul', [low, scale]), graph.weight(reshaped(up, [size.rows, outer])));
}

/** The first half with a kernel goes over the picture as the layer does: the core, or `down` where there is none. */
function convolve(
  graph: GraphBuilder,
  { input, size }: { input: Value; size: LayerSize },
  { up, down, core, inner, outer }: LowRank,
  scale: Value,
  { stride, pads }: Extract<LayerKind, { kind: 'convolution' }>,
): Value {
  const [height = 1, width = height] = size.kernel;
  const over = { kernel_shape: [height, width], strides: [stride, stride], pads };
  const single = { kernel_shape: [1, 1] };
  const inputs = size.inputs;
  let low: Value;
  if (core === undefined) {
    low = graph.op('Conv', [input, graph.weight(reshaped(down, [inner, inputs, height, width]))], over);
  } else {
    const first = graph.op('Conv', [input, graph.weight(reshaped(down, [inner, inputs, 1, 1]))], single);
    low = graph.op('Conv', [first, graph.weight(reshaped(core, [outer, inner, height, width]))], over);
  }
  return graph.op(
    'Conv',
    [graph.op('Mul', [low, scale]), graph.weight(reshaped(up, [size.rows, outer, 1, 1]))],
    single,
  );
}
