import type { ProofName } from '../proof-names.ts';
import * as builtins from './builtins.ts';
import * as indirect from './indirect.ts';
import { proveFromBuffer, proveMaskedReconstruct, proveReconstruct, proveScalar } from './numpy-array.ts';
import { proveDtype, proveDtypeClass } from './numpy-dtype.ts';
import * as torch from './torch.ts';
import type { Requirement } from './types.ts';

export { isHarmlessOrKnownTree, isHarmlessTree, isTreeThatRunsNothing } from './forms.ts';
export { attributeByName } from './indirect.ts';
export { numpyElementBytes, readDtype } from './numpy-dtype.ts';
export { isAttributeOfWrapper, proveState } from './states.ts';
export { ALARM, type CallContext, isMisuse, type Misuse, type Proven, TOO_LARGE } from './types.ts';

const ODD = 'arguments of one form, and model weights do not need it';

/** (The forms are those of PyTorch `torch/_utils.py`, NumPy `multiarray` and CPython `copyreg`.) */
export const PROOFS: Readonly<Record<ProofName, Requirement>> = {
  none: { requires: 'no arguments', prove: builtins.proveNothing },
  plain: { requires: 'numbers, texts and lists of them', prove: builtins.provePlain },
  data: { requires: 'data and tensors', prove: builtins.proveData },
  bytes: { requires: 'bytes, a text with its encoding, or a length', prove: builtins.proveBytes },
  number: { requires: 'numbers or the text of one', prove: builtins.proveNumber },
  text: { requires: 'a number or a text', prove: builtins.proveText },
  bounds: { requires: 'one to three numbers', prove: builtins.proveBounds },
  members: { requires: 'nothing or one list of data', prove: builtins.proveMembers },
  pairs: { requires: 'nothing or one list of pairs', prove: builtins.provePairs },
  'default-dict': { requires: 'a built-in class and entries', prove: builtins.proveDefaultDict },
  counter: { requires: 'nothing or one dictionary', prove: builtins.proveCounter },
  deque: { requires: 'a list and a maximum length', prove: builtins.proveDeque },
  encode: { requires: 'a text and one of the usual encodings', prove: builtins.proveEncode },
  size: { requires: 'one list of sizes', prove: builtins.proveSize },
  device: { requires: 'a name and a number', prove: builtins.proveDevice },
  layout: { requires: 'the name of a layout', prove: torch.proveLayout },
  tensor: { requires: 'a storage, numbers, and hooks that are empty', prove: torch.proveTensor },
  'tensor-class': { requires: 'a list of numbers, or sizes', prove: torch.proveTensorClass },
  quantised: { requires: 'a storage, numbers, and scales for each channel', prove: torch.proveQuantised },
  sparse: { requires: 'a layout, and tensors of indices and of values', prove: torch.proveSparse },
  nested: { requires: 'tensors of data, sizes, strides and offsets', prove: torch.proveNested },
  'meta-tensor': { requires: 'a data type, sizes and strides', prove: torch.proveMeta },
  'tensor-from-numpy': { requires: 'an array of numbers, a data type and a device', prove: torch.proveFromNumpy },
  parameter: { requires: 'a tensor and attributes that are data', prove: torch.proveParameter },
  'from-type': { requires: 'one of the functions above with its arguments', prove: torch.proveFromType },
  'numpy-scalar': { requires: 'a data type and as many bytes', prove: proveScalar },
  'numpy-array': { requires: 'the class, an empty shape and one byte', prove: proveReconstruct },
  'numpy-masked': { requires: 'the classes, an empty shape and one byte', prove: proveMaskedReconstruct },
  'numpy-buffer': { requires: 'bytes, a data type and a shape that fit', prove: proveFromBuffer },
  'numpy-dtype': { requires: 'the code of a data type', prove: proveDtype },
  'numpy-dtype-class': { requires: 'no arguments', prove: proveDtypeClass },
  getattr: { requires: ODD, prove: indirect.proveGetattr },
  'type-of-none': { requires: ODD, prove: indirect.proveTypeOfNone },
  reconstructor: { requires: ODD, prove: indirect.proveReconstructor },
  partial: { requires: ODD, prove: indirect.provePartial },
  'load-type': { requires: ODD, prove: indirect.proveLoadType },
};
