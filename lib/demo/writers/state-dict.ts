import { dict, orderedDict, type PyEntry, type PyValue, tensorValue } from './python-value.ts';
import { type PickledTensors, reduceTensors } from './reduce-tensors.ts';
import type { TensorSpec } from './tensor-data.ts';

/** What most files hold: tensors by name, inside `wrapper` where there is one, with other things next to it. */
export interface CheckpointParts {
  tensors: readonly TensorSpec[];
  wrapper?: 'state_dict' | null;
  extras?: readonly PyEntry[];
}

/** What to put into a torch file: the usual parts, or any Python object with tensors in it. */
export type TorchContent = CheckpointParts | { object: PyValue };

/** The pickle of a torch file's content, with the tensors whose numbers go next to it. */
export function pickleContent(
  content: TorchContent,
  keyOf: (index: number) => string,
  idTail: readonly PyValue[] = [],
): PickledTensors {
  return reduceTensors('object' in content ? content.object : buildCheckpoint(content), keyOf, idTail);
}

function buildCheckpoint({ tensors, wrapper = null, extras = [] }: CheckpointParts): PyValue {
  const entries = tensors.map((tensor): PyEntry => [tensor.name, tensorValue(tensor)]);
  if (wrapper !== null) return dict([...extras, [wrapper, orderedDict(entries)]]);
  return extras.length === 0 ? orderedDict(entries) : dict([...entries, ...extras]);
}
