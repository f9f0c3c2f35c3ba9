import { isAttributeOfWrapper, readDtype } from './proofs/index.ts';
import { asCounts, type CallValue, type Value } from './values.ts';

/** An array whose numbers stand in the pickle behind its description. */
export interface RawArray {
  /** Bytes of all elements. Null where they are Python objects: a pickle of its own stands there instead. */
  bytes: number | null;
  /** True where a byte that says how many follow, and as many to be stepped over, stand before the numbers. */
  isPadded: boolean;
}

const WRAPPER = /^(?:sklearn\.externals\.)?joblib\.numpy_pickle\.NumpyArrayWrapper$/;

/** True for an instance of the class by which joblib marks that an array follows (joblib `numpy_pickle.py`). */
export function isArrayWrapper(value: Value): value is CallValue {
  if (value.kind !== 'call' || value.callee.kind !== 'global') return false;
  if (WRAPPER.test(value.callee.canonical)) return true;
  // Protocols 0 and 1 make it by a function.
  const [type] = value.args;
  return value.callee.canonical === 'copyreg._reconstructor' && type?.kind === 'global' && WRAPPER.test(type.canonical);
}

/** What the state of a wrapper says of the array. Null where it is not what joblib writes. */
export function readRawArray(state: Value): RawArray | null {
  if (state.kind !== 'dict') return null;
  const attributes = new Map<string, Value>();
  for (let index = 0; index + 1 < state.items.length; index += 2) {
    const [key, value] = state.items.slice(index, index + 2);
    if (key?.kind !== 'str' || value === undefined || !isAttributeOfWrapper(key.text)) return null;
    attributes.set(key.text, value);
  }
  const shape = asCounts(attributes.get('shape'));
  const type = readDtype(attributes.get('dtype'));
  const isArray = attributes.get('subclass')?.kind === 'global';
  if (shape === null || type === null || !isArray || shape.some((size) => size < 0)) return null;
  const bytes = shape.reduce((product, size) => product * size, type.bytes);
  const alignment = attributes.get('numpy_array_alignment_bytes');
  if (!type.holdsObjects && !Number.isSafeInteger(bytes)) return null;
  return { bytes: type.holdsObjects ? null : bytes, isPadded: alignment !== undefined && alignment.kind !== 'none' };
}
