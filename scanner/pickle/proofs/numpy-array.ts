import { asCount, asCounts, type CallValue, type ElementType, type Value } from '../values.ts';
import {
  byteLength,
  countElements,
  isFlag,
  isHarmlessOrKnownTree,
  isHarmlessTree,
  isTrusted,
  madeOf,
  textOf,
} from './forms.ts';
import { readDtype } from './numpy-dtype.ts';
import { ALARM, type Misuse, type Outcome, PROVEN, provenIf, TOO_LARGE } from './types.ts';

const MAX_EMPTY = 10_000;

const MISFIT: Misuse = {
  rule: 'tensor/out-of-bounds',
  severity: 'malformed',
  reason: 'The shape and the data type of the array do not match its data.',
};

/** `numpy.core.multiarray.scalar(dtype, bytes)`. */
export function proveScalar([dtype, data, ...rest]: readonly Value[]): Outcome {
  const type = readDtype(dtype);
  if (type === null || type.holdsObjects || rest.length > 0) return null;
  const length = byteLength(data);
  if (length === null) return null;
  return length === type.bytes ? PROVEN : MISFIT;
}

/** `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b'b')`: an empty array, of which a state says what it is. */
export function proveReconstruct([type, shape, code, ...rest]: readonly Value[]): Outcome {
  return provenIf(isArrayClass(type) && isEmptyShape(shape) && isByteCode(code) && rest.length === 0, {
    made: { kind: 'array', type: null, elements: 0 },
  });
}

/** `numpy.ma.core._mareconstruct(MaskedArray, numpy.ndarray, (0,), 'b')`. */
export function proveMaskedReconstruct([subclass, type, shape, code, ...rest]: readonly Value[]): Outcome {
  const isMasked = subclass?.kind === 'global' && /^numpy\.ma(?:\.core)?\.MaskedArray$/.test(subclass.canonical);
  return provenIf(isMasked && isArrayClass(type) && isEmptyShape(shape) && isByteCode(code) && rest.length === 0, {
    made: { kind: 'array', type: null, elements: 0 },
  });
}

/** `numpy.core.numeric._frombuffer(bytes, dtype, shape, order[, axes])`. */
export function proveFromBuffer([buffer, dtype, shape, order, axes, ...rest]: readonly Value[]): Outcome {
  const type = readDtype(dtype);
  const sizes = asCounts(shape);
  const length = byteLength(buffer);
  const permutation = axes === undefined || axes.kind === 'none' ? null : asCounts(axes);
  if (type === null || type.holdsObjects || sizes === null || length === null || rest.length > 0) return null;
  if (!/^[CFK]$/.test(textOf(order) ?? '')) return null;
  if (axes !== undefined && axes.kind !== 'none') {
    const sorted = permutation?.toSorted((a, b) => a - b);
    if (sorted?.length !== sizes.length || !sorted.every((axis, index) => axis === index)) return null;
  }
  const elements = countElements(sizes);
  if (elements === null || elements * type.bytes !== length) return MISFIT;
  if (isEndless(type, elements)) return TOO_LARGE;
  return { made: { kind: 'array', type, elements } };
}

/** BUILD on an array: `([version,] shape, dtype, isFortran, data)`, and mask and filler of a masked one. */
export function proveArrayState(target: CallValue, state: Value): Outcome {
  const isMasked = isTrusted(target) && target.callee.canonical.endsWith('._mareconstruct');
  const items = state.kind === 'tuple' ? state.items : [];
  const [version, shape, dtype, order, data, mask, filler] = items;
  const wanted = isMasked ? 7 : 5;
  if (items.length !== wanted || asCount(version) !== 1 || shape?.kind !== 'tuple' || !isFlag(order)) return null;
  const type = readDtype(dtype);
  const sizes = asCounts(shape);
  if (type === null || sizes === null) return null;
  const elements = countElements(sizes);
  if (elements === null) return MISFIT;
  if (isEndless(type, elements)) return TOO_LARGE;
  if (isMasked && !isMask(mask, filler, type, elements)) return null;
  const made = { kind: 'array', type, elements } as const;
  if (type.holdsObjects) {
    if (data?.kind !== 'list') return null;
    if (!isHarmlessTree(data)) return isHarmlessOrKnownTree(data) ? KNOWN_OBJECTS : ALARM;
    return data.items.length === elements ? { made, allocates: elements * type.bytes } : TOO_LARGE;
  }
  const length = byteLength(data);
  if (length === null) return null;
  return length === elements * type.bytes ? { made } : MISFIT;
}

/** Elements without a byte can be any number of them. */
function isEndless(type: ElementType, elements: number): boolean {
  return type.bytes === 0 && elements > MAX_EMPTY;
}

/** The trees of a forest of scikit-learn, for example. */
const KNOWN_OBJECTS: Misuse = { severity: 'suspicious', reason: 'Model weights are numbers, not objects.' };

/** A byte for each element, and a value for what is masked. */
function isMask(mask: Value | undefined, filler: Value | undefined, type: ElementType, elements: number): boolean {
  if (type.isCompound || byteLength(mask) !== elements || filler === undefined) return false;
  return filler.kind === 'none' || madeOf(filler, 'array') !== null || byteLength(filler) !== null;
}

function isArrayClass(value: Value | undefined): boolean {
  return value?.kind === 'global' && value.canonical === 'numpy.ndarray';
}

function isEmptyShape(value: Value | undefined): boolean {
  const sizes = asCounts(value);
  return sizes?.length === 1 && sizes[0] === 0;
}

/** The type of bytes, which the state replaces: `b'b'`. */
function isByteCode(value: Value | undefined): boolean {
  if (value?.kind === 'bytes') return value.bytes.length === 1 && value.bytes[0] === 0x62;
  if (madeOf(value, 'bytes') !== null && value?.kind === 'call')
    return value.args[0]?.kind === 'str' && value.args[0].text === 'b';
  return textOf(value) === 'b';
}
