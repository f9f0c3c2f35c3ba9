import type { GraphBuilder, LayerPatch, Value } from '../onnx/index.ts';
import { reshaped } from '../weights/index.ts';
import type { ScaledChange } from './changes.ts';
import { type LayerSize, lowRankOutput } from './low-rank.ts';
import { addedToWeight } from './weight-changes.ts';

/**
 * All that LoRAs change of one layer, `W' = W + Σ s·ΔW`. Each change is made of the checkpoint's own weight, so that their
 * order does not matter and each goes with its own strength; PEFT runs several adapters so too, DoRA among them.
 */
export function patchLayer(size: LayerSize, changes: readonly ScaledChange[]): LayerPatch {
  return {
    changeWeight(graph, weight, shape) {
      const added = changes.flatMap((strong) => addedToWeight(graph, { weight, shape }, strong) ?? []);
      return added.reduce((sum, one) => graph.op('Add', [sum, one]), replace(graph, weight, shape, changes));
    },
    changeBias(graph, bias) {
      return changes.reduce<Value | null>((sum, { change, strength }) => {
        if (change.kind !== 'bias') return sum;
        const weight = graph.weight(reshaped(change.weight, [size.rows]));
        const added = graph.op('Mul', [weight, graph.parameter(strength.value)]);
        return sum === null ? added : graph.op('Add', [sum, added]);
      }, bias);
    },
    addToOutput(graph, input, output, layer) {
      return changes.reduce((sum, { change, ...strong }) => {
        if (change.kind !== 'low-rank') return sum;
        return graph.op('Add', [sum, lowRankOutput(graph, { input, size }, { ...strong, change }, layer)]);
      }, output);
    },
  };
}

/** Numbers that take the weight's place do so at any strength but 0. The last one counts. */
function replace(
  graph: GraphBuilder,
  weight: Value,
  shape: readonly number[],
  changes: readonly ScaledChange[],
): Value {
  return changes.reduce((value, { change, strength }) => {
    if (change.kind !== 'replacement') return value;
    const isOn = graph.parameter(strength.isOn);
    const old = graph.op('Mul', [value, graph.op('Sub', [graph.numbers([1]), isOn])]);
    return graph.op('Add', [old, graph.op('Mul', [graph.weight(reshaped(change.weight, shape)), isOn])]);
  }, weight);
}
