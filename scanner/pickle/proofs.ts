import { isRunningName } from './denied.ts';
import { readDtype } from './numpy-dtype.ts';
import type { ProofName } from './proof-names.ts';
import {
  asCount,
  asCounts,
  type CallValue,
  childrenOf,
  type GlobalValue,
  type TensorRecord,
  type Value,
} from './values.ts';

/** What is wrong with how a name is used. */
export interface Misuse {
  severity: 'suspicious' | 'dangerous';
  reason: string;
}

/**
 * A proof says whether these are arguments that a tensor file gives: an allowed name with other arguments is not
 * allowed. Null is good. (The forms are those of PyTorch `torch/_utils.py`, NumPy `multiarray` and CPython `copyreg`.)
 */
type Proof = (args: readonly Value[], prove: ProveCall) => Misuse | null;

/** Proves a call inside a call, for the rebuild functions that take a function. */
export type ProveCall = (callee: GlobalValue, args: readonly Value[]) => Misuse | null;

const BAD: Misuse = {
  severity: 'suspicious',
  reason: 'Model files call it with other arguments.',
};
const ALARM: Misuse = { severity: 'dangerous', reason: 'This call runs other code.' };
const ODD_BUT_USUAL: Misuse = { severity: 'suspicious', reason: 'Model weights do not need it.' };

export const PROOFS: Readonly<Record<ProofName, Proof>> = {
  none: (args) => misuseUnless(args.length === 0),
  plain: (args) => misuseUnless(args.every(isPlain)),
  set: (args) =>
    misuseUnless(
      args.length === 0 || (args.length === 1 && isSequence(args[0]) && childrenOf(args[0]).every(isHarmless)),
    ),
  'ordered-dict': (args) => misuseUnless(args.length === 0 || (args.length === 1 && isPairs(args[0]))),
  'default-dict': ([factory, ...rest]) =>
    misuseUnless(rest.length <= 1 && (factory === undefined || isBuiltinTypeOrNone(factory))),
  counter: (args) => misuseUnless(args.length <= 1 && args.every((arg) => arg.kind === 'dict')),
  deque: ([items, length, ...rest]) =>
    misuseUnless(
      rest.length === 0 &&
        (items === undefined || isSequence(items)) &&
        (length === undefined || length.kind === 'none' || length.kind === 'int'),
    ),
  encode: ([text, encoding, ...rest]) =>
    misuseUnless(
      text?.kind === 'str' &&
        rest.length === 0 &&
        (encoding === undefined || (encoding.kind === 'str' && /^(latin-?1|utf-?8|ascii)$/i.test(encoding.text))),
    ),
  size: (args) => misuseUnless(args.length === 1 && asCounts(args[0]) !== null),
  tensor: (args) =>
    misuseUnless(readTensor(args) !== null && hooksAreEmpty(args[5]) && args.slice(6).every(isPlainOrReference)),
  'tensor-like': (args) => misuseUnless(args.every((arg) => isHarmlessTree(arg))),
  parameter: ([data, , hooks, ...state]) =>
    misuseUnless(
      (data === undefined || isTensor(data)) && hooksAreEmpty(hooks) && state.every((value) => isHarmlessTree(value)),
    ),
  'from-type': ([callee, type, args, state, ...rest], prove) => {
    if (callee?.kind !== 'global' || type?.kind !== 'global' || args?.kind !== 'tuple' || rest.length > 0) return ALARM;
    // Tensors of programs: DTensor, nested tensors with ragged rows.
    if (isKnownClass(callee) && callee.proof === undefined && isKnownClass(type)) return ODD_BUT_USUAL;
    if (!/^torch\.(Tensor|nn\.parameter\.Parameter)$/.test(type.canonical)) return ALARM;
    if (!/^torch\._utils\._rebuild_/.test(callee.canonical)) return ALARM;
    return prove(callee, args.items) ?? misuseUnless(state === undefined || isHarmlessTree(state));
  },
  'numpy-scalar': ([dtype, bytes, ...rest]) =>
    misuseUnless(
      rest.length === 0 && isCallOf(dtype, /^numpy\.(dtype$|dtypes\.)/) && (bytes === undefined || isBytes(bytes)),
    ),
  'numpy-array': ([type, shape, data, ...rest]) =>
    misuseUnless(
      type?.kind === 'global' &&
        type.canonical === 'numpy.ndarray' &&
        asCounts(shape) !== null &&
        isBytes(data) &&
        rest.length === 0,
    ),
  'numpy-dtype': ([code, ...flags]) =>
    misuseUnless(
      ((code?.kind === 'str' && /^[<>=|]?[?bhilqpBHILQPefdgFDGSUVMmucOa]\d*$/.test(code.text)) ||
        (code?.kind === 'global' && /^numpy\.dtypes\./.test(code.canonical))) &&
        flags.length <= 2 &&
        flags.every((flag) => flag.kind === 'bool' || flag.kind === 'int'),
    ),
  // `_frombuffer(buffer, dtype, shape, order)`: NumPy refuses what does not fit, and takes no objects out of bytes.
  'numpy-buffer': ([buffer, dtype, shape, order, ...rest]) => {
    const type = isCallOf(dtype, /^numpy\.dtype$/) ? readDtype(dtype) : 'form';
    const sizes = asCounts(shape);
    return misuseUnless(
      (buffer?.kind === 'bytes' || buffer?.kind === 'bytearray') &&
        typeof type === 'object' &&
        !type.holdsObjects &&
        sizes?.every((size) => size >= 0) === true &&
        sizes.reduce((product, size) => product * size, type.bytes) === buffer.bytes.length &&
        order?.kind === 'str' &&
        /^[CFA]$/.test(order.text) &&
        rest.length === 0,
    );
  },
  // `_mareconstruct(subtype, baseclass, shape, basetype)`; the numbers and the mask come with BUILD.
  'numpy-masked': ([subtype, base, shape, kind, ...rest]) =>
    misuseUnless(
      subtype?.kind === 'global' &&
        /^numpy\.ma\.(core\.)?MaskedArray$/.test(subtype.canonical) &&
        base?.kind === 'global' &&
        base.canonical === 'numpy.ndarray' &&
        asCounts(shape)?.every((size) => size === 0) === true &&
        isBytes(kind) &&
        rest.length === 0,
    ),
  getattr: (args) => (attributeByName(args) === null ? ALARM : ODD_BUT_USUAL),
  'type-of-none': ([value, ...rest]) => (value?.kind === 'none' && rest.length === 0 ? ODD_BUT_USUAL : ALARM),
  reconstructor: ([cls, base, state, ...rest]) =>
    cls?.kind === 'global' &&
    cls.class !== 'dangerous' &&
    base?.kind === 'global' &&
    /^builtins\.(object|dict|list|set|tuple|int|float|str|unicode)$/.test(base.canonical) &&
    (state === undefined || isHarmlessTree(state)) &&
    rest.length === 0
      ? ODD_BUT_USUAL
      : ALARM,
  partial: ([callee, ...rest]) =>
    callee?.kind === 'global' &&
    /^torch\.optim\./.test(callee.canonical) &&
    rest.every((value) => isHarmlessTree(value))
      ? ODD_BUT_USUAL
      : ALARM,
  'load-type': ([name, ...rest]) =>
    name?.kind === 'str' && /^[A-Z][A-Za-z]*Type$/.test(name.text) && rest.length === 0 ? ODD_BUT_USUAL : ALARM,
};

/** The dotted name that `getattr(object, 'name')` stands for where the object is one of a known program, or null. */
export function attributeByName([target, name, ...rest]: readonly Value[]): [module: string, name: string] | null {
  if (target?.kind !== 'global' || name?.kind !== 'str' || rest.length > 0) return null;
  if (target.class !== 'known-class' && target.class !== 'reference-only') return null;
  if (!/^\w+$/.test(name.text) || /^__/.test(name.text) || isRunningName(name.text)) return null;
  return [target.module, `${target.name.slice(target.module.length + 1)}.${name.text}`];
}

/** What a rebuild call says of its tensor, or null where the arguments are not those of one. */
export function readTensor(args: readonly Value[], at = 0): TensorRecord | null {
  const [storage, offsetValue, shapeValue, strideValue] = args;
  if (storage?.kind !== 'persistent' || storage.storage === null) return null;
  const offset = asCount(offsetValue);
  const shape = asCounts(shapeValue);
  const stride = asCounts(strideValue);
  if (offset === null || shape === null || stride === null) return null;
  return { storage: storage.storage, offset, shape, stride, at };
}

/** Dangerous instead of suspicious where something that is neither data nor of a known program is among the arguments. */
export function escalate(misuse: Misuse, args: readonly Value[]): Misuse {
  return args.every(isHarmlessOrKnownTree) ? misuse : ALARM;
}

/** Beyond this many values the word stays the milder one; each name in them has a finding of its own all the same. */
const MAX_CHECKED = 10_000;

/** True where nothing in the value is a program object: only data, allowed names and proven calls. */
export function isHarmlessTree(root: Value): boolean {
  return everyPart(root, isHarmless);
}

/** True where everything in it is data or an object of a known program. */
export function isHarmlessOrKnownTree(root: Value): boolean {
  return everyPart(root, isHarmlessOrKnown);
}

/** True where no part of the value is dangerous, made by a call of something that is, or hidden. */
export function isTreeThatRunsNothing(root: Value): boolean {
  return everyPart(root, runsNothing);
}

function everyPart(root: Value, isGood: (value: Value) => boolean): boolean {
  const seen = new Set<Value>([root]);
  for (const value of seen) {
    if (!isGood(value)) return false;
    if (seen.size > MAX_CHECKED) return true;
    // The arguments of a proven call were looked at; what was put into its result later was not.
    for (const child of value.kind === 'call' && value.trusted ? (value.added ?? []) : childrenOf(value)) {
      seen.add(child);
      if (seen.size > MAX_CHECKED) break;
    }
  }
  return true;
}

function isHarmless(value: Value): boolean {
  if (value.kind === 'global') return value.class === 'allowed' || value.class === 'reference-only';
  if (value.kind === 'call') return value.trusted;
  if (value.kind === 'persistent') return value.storage !== null;
  return value.kind !== 'opaque';
}

function isHarmlessOrKnown(value: Value): boolean {
  if (value.kind === 'call') return value.trusted || isKnownClass(value.callee);
  return isHarmless(value) || isKnownClass(value);
}

function isKnownClass(value: Value): boolean {
  return value.kind === 'global' && value.class === 'known-class';
}

function runsNothing(value: Value): boolean {
  if (value.kind === 'global') return value.class !== 'dangerous';
  return value.kind !== 'opaque';
}

function misuseUnless(condition: boolean): Misuse | null {
  return condition ? null : BAD;
}

function isPlain(value: Value): boolean {
  if (isSequence(value)) return childrenOf(value).every((item) => isScalar(item));
  return isScalar(value);
}

function isScalar(value: Value): boolean {
  return (
    ['none', 'bool', 'int', 'float', 'str', 'bytes', 'bytearray'].includes(value.kind) ||
    isCallOf(value, /^_codecs\.encode$/)
  );
}

function isPlainOrReference(value: Value): boolean {
  return isPlain(value) || value.kind === 'dict' || (value.kind === 'global' && value.class === 'reference-only');
}

function isSequence(value: Value | undefined): value is Value {
  return value?.kind === 'list' || value?.kind === 'tuple';
}

function isPairs(value: Value | undefined): boolean {
  return isSequence(value) && childrenOf(value).every((pair) => isSequence(pair) && childrenOf(pair).length === 2);
}

function isBytes(value: Value | undefined): boolean {
  return (
    value?.kind === 'bytes' ||
    value?.kind === 'str' ||
    value?.kind === 'bytearray' ||
    isCallOf(value, /^_codecs\.encode$/)
  );
}

function isBuiltinTypeOrNone(value: Value): boolean {
  if (value.kind === 'none') return true;
  return (
    value.kind === 'global' && value.class === 'allowed' && /^(builtins\.\w+|collections\.\w+)$/.test(value.canonical)
  );
}

function hooksAreEmpty(value: Value | undefined): boolean {
  if (value === undefined || value.kind === 'none') return true;
  if (value.kind === 'dict') return value.items.length === 0;
  return (
    isCallOf(value, /^collections\.OrderedDict$/) &&
    value.added === null &&
    value.args.every((arg) => childrenOf(arg).length === 0)
  );
}

function isTensor(value: Value): boolean {
  return isCallOf(value, /^torch\.(_utils\._rebuild_\w+|_tensor\._rebuild_from_type_v2|Tensor)$/);
}

function isCallOf(value: Value | undefined, name: RegExp): value is CallValue {
  return value?.kind === 'call' && value.trusted && value.callee.kind === 'global' && name.test(value.callee.canonical);
}
