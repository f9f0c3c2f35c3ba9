import { asCount, asCounts, type Value } from '../values.ts';
import {
  byteLength,
  countElements,
  isHarmless,
  isHarmlessTree,
  isNumber,
  isPlain,
  isSequence,
  textOf,
} from './forms.ts';
import { type CallContext, type Outcome, PROVEN, provenIf, TOO_LARGE } from './types.ts';

/** Python 3.11 reads no longer number from a text, because that takes time by the square of its length. */
const MAX_DIGITS = 4300;
const MAX_DEVICE = 1000;
/** Bytes of memory of one entry of each container. */
const ENTRY_BYTES = { list: 8, dict: 100, set: 64 } as const;
/** Encodings that make at most four bytes of a character. */
const ENCODING = /^(?:latin[-_]?1|utf-?8|ascii)$/i;
const ERRORS = /^(?:strict|ignore|replace|surrogateescape|surrogatepass)$/;

/** `_codecs.encode(text, encoding)`, by which protocol 2 writes bytes. */
export function proveEncode([text, encoding = LATIN1, ...rest]: readonly Value[]): Outcome {
  if (text?.kind !== 'str' || rest.length > 0 || !ENCODING.test(textOf(encoding) ?? '')) return null;
  return encoded(text.length, encoding);
}

const LATIN1: Value = { kind: 'str', text: 'latin1', cut: false, length: 6 };

function encoded(characters: number, encoding: Value): Outcome {
  // Of other encodings the length would depend on the characters.
  const isSingle = !/^utf/i.test(textOf(encoding) ?? '');
  const bytes = isSingle ? characters : 4 * characters;
  return isSingle ? { made: { kind: 'bytes', length: bytes }, allocates: bytes } : { allocates: bytes };
}

/** `bytes()`, `bytearray(data)`, `bytearray(text, encoding)`, `bytearray(length)` or of a list of numbers. */
export function proveBytes([data, encoding, ...rest]: readonly Value[]): Outcome {
  if (rest.length > 0) return null;
  if (data === undefined) return { made: { kind: 'bytes', length: 0 } };
  if (encoding !== undefined)
    return data.kind === 'str' && ENCODING.test(textOf(encoding) ?? '') ? encoded(data.length, encoding) : null;
  const count = data.kind === 'int' ? (asCount(data) ?? Number.POSITIVE_INFINITY) : null;
  const length = count ?? (data.kind === 'str' ? null : byteLength(data)) ?? listLength(data);
  if (length === null || length < 0) return null;
  return { made: { kind: 'bytes', length }, allocates: length };
}

/** Of a list of bytes as numbers. */
function listLength(value: Value): number | null {
  if (!isSequence(value)) return null;
  return value.items.every((item) => (asCount(item) ?? -1) >= 0) ? value.items.length : null;
}

/** `int`, `float`, `bool` and `complex` of numbers, or of one short text. */
export function proveNumber(args: readonly Value[]): Outcome {
  if (args.length > 2) return null;
  if (args.every((arg) => isNumber(arg) || arg.kind === 'bool')) return PROVEN;
  const [text, base] = args;
  const length = byteLength(text);
  if (length === null || !(base === undefined || (asCount(base) ?? 99) <= 36)) return null;
  return length > MAX_DIGITS ? TOO_LARGE : PROVEN;
}

/** `str` of a scalar, or of bytes and their encoding. */
export function proveText([value, encoding, errors, ...rest]: readonly Value[]): Outcome {
  if (value === undefined) return PROVEN;
  const length = byteLength(value);
  if (encoding === undefined)
    return provenIf(isShortScalar(value) || length !== null, { allocates: 4 * (length ?? 0) });
  if (length === null || !ENCODING.test(textOf(encoding) ?? '') || rest.length > 0) return null;
  return provenIf(errors === undefined || ERRORS.test(textOf(errors) ?? ''), { allocates: 4 * length });
}

function isShortScalar(value: Value): boolean {
  return value.kind === 'none' || value.kind === 'bool' || isNumber(value);
}

/** `slice` and `range` of numbers, which take no memory whatever they are. */
export function proveBounds(args: readonly Value[]): Outcome {
  return provenIf(args.length >= 1 && args.length <= 3 && args.every(isShortScalar));
}

/** Scalars and lists of them, for functions that keep them as they are. */
export function provePlain(args: readonly Value[]): Outcome {
  const lengths = args.flatMap((arg) => (isSequence(arg) ? arg.items : [arg])).map((item) => byteLength(item) ?? 8);
  return provenIf(args.every(isPlain), { allocates: lengths.reduce((sum, length) => sum + length, 0) });
}

/** Data of any kind, for functions that give back what they get. */
export function proveData(args: readonly Value[]): Outcome {
  return provenIf(args.every(isHarmlessTree));
}

/** `set([…])`, `frozenset`, `list` and `tuple` of values. */
export function proveMembers(args: readonly Value[]): Outcome {
  const [items] = args;
  if (items === undefined) return PROVEN;
  if (args.length > 1 || !isSequence(items) || !items.items.every(isHarmless)) return null;
  return { allocates: ENTRY_BYTES.set * items.items.length };
}

/** `OrderedDict([(key, value), …])`. */
export function provePairs(args: readonly Value[]): Outcome {
  const [pairs] = args;
  if (pairs === undefined) return PROVEN;
  if (args.length > 1 || !arePairs(pairs)) return null;
  return { allocates: ENTRY_BYTES.dict * pairs.items.length };
}

function arePairs(value: Value): value is Value & { kind: 'list' | 'tuple' } {
  return isSequence(value) && value.items.every((pair) => isSequence(pair) && pair.items.length === 2);
}

/** `defaultdict(factory)`, where the factory makes something empty. */
export function proveDefaultDict([factory, entries, ...rest]: readonly Value[]): Outcome {
  if (rest.length > 0 || !(factory === undefined || isFactory(factory))) return null;
  if (entries === undefined) return PROVEN;
  if (entries.kind === 'dict') return { allocates: (ENTRY_BYTES.dict * entries.items.length) / 2 };
  return arePairs(entries) ? { allocates: ENTRY_BYTES.dict * entries.items.length } : null;
}

function isFactory(value: Value): boolean {
  if (value.kind === 'none') return true;
  return (
    value.kind === 'global' && value.class === 'allowed' && /^(?:builtins|collections)\.\w+$/.test(value.canonical)
  );
}

/** `Counter({…})`. */
export function proveCounter([counts, ...rest]: readonly Value[]): Outcome {
  if (counts === undefined) return PROVEN;
  if (counts.kind !== 'dict' || rest.length > 0) return null;
  return { allocates: (ENTRY_BYTES.dict * counts.items.length) / 2 };
}

/** `deque([…], maxlen)`. */
export function proveDeque([items, length, ...rest]: readonly Value[]): Outcome {
  const isBound = length === undefined || length.kind === 'none' || (asCount(length) ?? -1) >= 0;
  if (rest.length > 0 || !isBound || !(items === undefined || isSequence(items))) return null;
  return { allocates: ENTRY_BYTES.list * (items?.items.length ?? 0) };
}

/** `torch.Size([…])`. */
export function proveSize(args: readonly Value[]): Outcome {
  const sizes = args.length === 1 ? asCounts(args[0]) : null;
  return sizes === null ? null : provenIf(countElements(sizes) !== null || sizes.some((size) => size < 0));
}

/** `torch.device('cuda', 0)`. */
export function proveDevice([name, index, ...rest]: readonly Value[]): Outcome {
  const isName = textOf(name) !== null && rest.length === 0;
  const number = asCount(index) ?? -1;
  return provenIf(isName && (index === undefined || index.kind === 'none' || (number >= 0 && number <= MAX_DEVICE)));
}

export function proveNothing(args: readonly Value[], _: CallContext): Outcome {
  return provenIf(args.length === 0);
}
