import { asCount, type CallValue, type Value } from './values.ts';

/** One element of a NumPy array. */
export interface ElementType {
  bytes: number;
  /** True where it holds references to Python objects, which never stand in a file as they are. */
  holdsObjects: boolean;
}

/** What `dtype.__reduce__` writes first: the letter of the kind and a size, in letters for `U`. */
const CODE = /^[<>=|]?(?:(\?)|([biufcmMOSUVa])(\d+))$/;
/** Kinds whose size is what the state says (NumPy `arraydescr_setstate`). */
const SIZED_BY_STATE = /[SUVa]/;
/** Places in the state: element type and shape of an array in the element, fields, size in bytes, and flags, of which the lowest says that there are objects. */
const SUBARRAY = 2;
const FIELDS = 4;
const SIZE = 5;
const FLAGS = 7;
const HAS_OBJECT = 1n;
const ALL_OBJECT_FLAGS = 63n;
/** Structures inside structures. */
const MAX_DEPTH = 8;

/** `objects`: the state hides objects, or claims some. `form`: no dtype that NumPy writes. */
type Fault = 'objects' | 'form';

/**
 * The element type that a pickled `numpy.dtype` stands for. NumPy believes what the state says, and takes numbers for
 * addresses where that hides objects.
 */
export function readDtype(value: Value | undefined, depth = 0): ElementType | Fault {
  if (value?.kind !== 'call' || !isDtype(value)) return 'form';
  const [code] = value.args;
  const match = code?.kind === 'str' ? CODE.exec(code.text) : null;
  if (match === null || depth > MAX_DEPTH) return 'form';
  const [, , kind = '?', digits = '1'] = match;
  const bytes = Number(digits) * (kind === 'U' ? 4 : 1);
  const state = value.state?.kind === 'tuple' ? value.state.items : [];
  const flags = state[FLAGS]?.kind === 'int' ? state[FLAGS].value : null;
  if (kind === 'O') {
    return flags === null || flags === ALL_OBJECT_FLAGS ? { bytes, holdsObjects: true } : 'objects';
  }
  const parts = [...partsOf(state[FIELDS]), ...(state[SUBARRAY]?.kind === 'tuple' ? [state[SUBARRAY]] : [])];
  const types = parts.map((part) => readDtype(part.kind === 'tuple' ? part.items[0] : undefined, depth + 1));
  const fault = types.find((type) => typeof type === 'string');
  if (fault !== undefined) return fault;
  const inside = types.some((type) => typeof type === 'object' && type.holdsObjects);
  const hasObjectFlag = flags !== null && (flags & HAS_OBJECT) !== 0n;
  if (inside !== hasObjectFlag) return 'objects';
  const stated = asCount(state[SIZE]);
  const isOther = SIZED_BY_STATE.test(kind) && stated !== null && stated >= 0 && stated !== bytes;
  return isOther ? 'form' : { bytes, holdsObjects: inside };
}

/** Of a dictionary by name: each is a type and an offset. */
function partsOf(fields: Value | undefined): Value[] {
  return fields?.kind === 'dict' ? fields.items.filter((_, index) => index % 2 === 1) : [];
}

function isDtype(value: CallValue): boolean {
  return value.callee.kind === 'global' && value.callee.canonical === 'numpy.dtype';
}

/** Classes of types that can hold objects; NumPy pickles their instances by `numpy.dtype`. */
const OPEN_CLASS = /^numpy\.dtypes\.(?:Object|Void)DType$/;

/** True for a type whose state was just given and hides that there are objects. */
export function isForgedDtype(target: CallValue): boolean {
  if (target.callee.kind === 'global' && OPEN_CLASS.test(target.callee.canonical)) return true;
  return isDtype(target) && readDtype(target) === 'objects';
}
