import { writePickle } from './pickle.ts';
import { call, global, orderedDict, type PyValue, persistent, tuple } from './python-value.ts';
import { elementsOf, type TensorDtype, type TensorSpec } from './tensor-data.ts';

const STORAGES: Record<TensorDtype, string> = {
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  F32: 'FloatStorage',
  F64: 'DoubleStorage',
  I64: 'LongStorage',
  I32: 'IntStorage',
  U8: 'ByteStorage',
  BOOL: 'BoolStorage',
};

export interface PickledTensors {
  pickle: Buffer;
  /** The tensors with the key of each one's storage, in the order in which the pickle names them. */
  storages: { key: string; tensor: TensorSpec }[];
}

/** Pickles an object, each tensor in it as the call that rebuilds it on a storage of its own. `idTail` ends a storage's id. */
export function reduceTensors(
  object: PyValue,
  keyOf: (index: number) => string,
  idTail: readonly PyValue[],
): PickledTensors {
  const storages: PickledTensors['storages'] = [];
  const pickle = writePickle(object, (tensor) => {
    const key = keyOf(storages.length);
    storages.push({ key, tensor });
    const storage = global('torch', STORAGES[tensor.dtype]);
    return call(global('torch._utils', '_rebuild_tensor_v2'), [
      persistent(tuple('storage', storage, key, 'cpu', elementsOf(tensor), ...idTail)),
      0,
      tuple(...tensor.shape),
      tuple(...rowMajor(tensor.shape)),
      false,
      orderedDict(),
    ]);
  });
  return { pickle, storages };
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * Math.max(side, 1), 1));
}
