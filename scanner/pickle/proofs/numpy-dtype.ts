import { asCount, asCounts, type CallValue, type ElementType, type GlobalValue, type Value } from '../values.ts';
import { countElements, isFlag, isHarmlessTree, madeOf, seal, textOf } from './forms.ts';
import { type CallContext, type Misuse, type Outcome, provenIf } from './types.ts';

/** Bytes of the types that are a letter alone. */
const LETTERS: Readonly<Record<string, number>> = {
  ...{ '?': 1, b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, l: 8, L: 8, q: 8, Q: 8, p: 8, P: 8 },
  ...{ e: 2, f: 4, d: 8, g: 16, F: 8, D: 16, G: 32 },
};
/** Sizes that the kinds of numbers have. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  ...{ b: [1], i: [1, 2, 4, 8], u: [1, 2, 4, 8], f: [2, 4, 8, 12, 16], c: [8, 16, 24, 32], m: [8], M: [8] },
};
const CODE = /^[<>=|]?(?:([?bBhHiIlLqQpPefdgFDG])|([biufcmMOSUVa])(\d{1,10})|([OSUVa]))$/;
/** A letter of `U` takes so many bytes. */
const LETTER_BYTES = 4;
const POINTER_BYTES = 8;
const MAX_ELEMENT_BYTES = 2 ** 31 - 1;

/** The classes of types that hold numbers of one size; `ObjectDType` is known too, and no other. */
const CLASSES: Readonly<Record<string, number>> = {
  ...{ Bool: 1, Int8: 1, UInt8: 1, Int16: 2, UInt16: 2, Int32: 4, UInt32: 4, Int64: 8, UInt64: 8 },
  ...{ Byte: 1, UByte: 1, Short: 2, UShort: 2, IntC: 4, UIntC: 4, Int: 4, UInt: 4, LongLong: 8, ULongLong: 8 },
  ...{ Float16: 2, Float32: 4, Float64: 8, LongDouble: 16, Complex64: 8, Complex128: 16, CLongDouble: 32 },
};

/** Places in the state (NumPy `arraydescr_reduce`). */
const [VERSION, ORDER, SUBARRAY, NAMES, FIELDS, SIZE, ALIGNMENT, FLAGS, METADATA] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
/** Flags of an element that holds references, is pickled as a list, or is a pointer; and those of `O` itself. */
const OBJECT_FLAGS = 0b111;
const ALL_OBJECT_FLAGS = 63;
/** What a structure with an object in it takes over from it. */
const INHERITED_FLAGS = 0b11011;
const MAX_FLAGS = 255;
const ALIGNMENTS: readonly (number | null)[] = [1, 2, 4, 8, 16];
const TIME_UNIT = /^(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as|generic)$/;

const FORGED: Misuse = {
  severity: 'dangerous',
  reason: 'The file gives NumPy an invalid data type, so that numbers are used as memory addresses.',
};
const UNKNOWN: Misuse = {
  severity: 'suspicious',
  reason: 'The file gives NumPy a data type that NumPy does not write.',
};

/** The element type that a code of `numpy.dtype` stands for, or null for one that is not known. */
function readCode(code: string): { kind: string; type: ElementType } | null {
  const [, letter, sized, digits, unsized] = CODE.exec(code) ?? [];
  if (letter !== undefined) return plainType(letter, LETTERS[letter] ?? null);
  if (unsized !== undefined) return unsized === 'O' ? objectType() : plainType(unsized, 0);
  if (sized === undefined || digits === undefined) return null;
  const size = Number(digits);
  if (sized === 'O') return size === POINTER_BYTES || size === POINTER_BYTES / 2 ? objectType(size) : null;
  const sizes = SIZES[sized];
  if (sizes !== undefined) return plainType(sized, sizes.includes(size) ? size : null);
  const bytes = size * (sized === 'U' ? LETTER_BYTES : 1);
  return plainType(sized, bytes <= MAX_ELEMENT_BYTES ? bytes : null);
}

/** Bytes of one element that holds no Python object. Null for every other code, and for what is none. */
export function numpyElementBytes(code: string): number | null {
  const read = readCode(code.replace(/^([<>=|]?[mM]8)\[\w+(?:\/\d+)?\]$/, '$1'));
  return read === null || read.type.holdsObjects ? null : read.type.bytes;
}

function plainType(kind: string, bytes: number | null): { kind: string; type: ElementType } | null {
  return bytes === null ? null : { kind, type: { bytes, holdsObjects: false, isCompound: false } };
}

function objectType(bytes = POINTER_BYTES): { kind: string; type: ElementType } {
  return { kind: 'O', type: { bytes, holdsObjects: true, isCompound: false } };
}

/** `numpy.dtype(code, align, copy)`. Of a class in place of the code, whatever its name, NumPy makes a type of objects. */
export function proveDtype([code, ...flags]: readonly Value[]): Outcome {
  if (flags.length > 2 || !flags.every(isFlag)) return null;
  if (code?.kind === 'global' && proveClass(code) !== null) {
    return { made: { kind: 'dtype', type: objectType().type, code: null } };
  }
  const text = textOf(code);
  const read = text === null ? null : readCode(text);
  if (text === null || read === null) return null;
  return { made: { kind: 'dtype', type: read.type, code: text } };
}

/** `numpy.dtypes.Float32DType()`. */
export function proveDtypeClass(args: readonly Value[], { callee }: CallContext): Outcome {
  return args.length === 0 ? proveClass(callee) : null;
}

function proveClass({ canonical }: GlobalValue): Outcome {
  const name = /^numpy\.dtypes\.(\w+)DType$/.exec(canonical)?.[1];
  if (name === undefined) return null;
  const read =
    name === 'Object' ? objectType() : plainType('', Object.hasOwn(CLASSES, name) ? (CLASSES[name] ?? null) : null);
  return provenIf(read !== null, read === null ? {} : { made: { kind: 'dtype', type: read.type, code: null } });
}

/** The element type of a proven `numpy.dtype`, which stays as it is from now on. Null where nothing is proven. */
export function readDtype(value: Value | undefined): ElementType | null {
  const made = madeOf(value, 'dtype');
  if (made === null || value === undefined) return null;
  seal(value);
  return made.type;
}

/**
 * BUILD on a `numpy.dtype`. NumPy believes what the state says, and takes numbers for addresses where that hides
 * objects or reaches beyond an element: the state must be one that NumPy writes for the code, to the last field.
 */
export function proveDtypeState(target: CallValue, state: Value): Outcome {
  const made = madeOf(target, 'dtype');
  const read = made?.code == null ? null : readCode(made.code);
  if (made === null || read === null || state.kind !== 'tuple') return FORGED;
  const { items } = state;
  const parts = [items[SUBARRAY], ...partsOf(items[FIELDS])].map((part) => readDtype(itemsOf(part)[0]));
  const hasObjects = read.type.holdsObjects || parts.some((part) => part?.holdsObjects) || claimsObjects(items[FLAGS]);
  const type = readState(read, items);
  if (type === 'beyond') return FORGED;
  if (type === null) return hasObjects ? FORGED : UNKNOWN;
  seal(target);
  const fields = items[FIELDS];
  if (fields !== undefined) seal(fields);
  return { made: { ...made, type } };
}

/** Null for what NumPy does not write; `beyond` for a part outside of its element. */
function readState(
  { kind, type }: { kind: string; type: ElementType },
  items: readonly Value[],
): ElementType | 'beyond' | null {
  const version = asCount(items[VERSION]);
  const isWhole = (version === 3 && items.length === 8) || (version === 4 && items.length === 9);
  const flags = asCount(items[FLAGS]);
  if (!isWhole || !isByteOrder(items[ORDER]) || flags === null || flags < 0 || flags > MAX_FLAGS) return null;
  const metadata = items[METADATA];
  const isTime = kind === 'm' || kind === 'M';
  if (isTime ? !isTimeUnit(metadata) : metadata !== undefined && !isMetadata(metadata)) return null;

  const isFlexible = /[SUVa]/.test(kind);
  const size = asCount(items[SIZE]);
  const alignment = asCount(items[ALIGNMENT]);
  if (isFlexible ? size !== type.bytes || !ALIGNMENTS.includes(alignment) : size !== -1 || alignment !== -1)
    return null;
  const subarray = readSubarray(items[SUBARRAY]);
  const fields = readFields(items[NAMES], items[FIELDS], type.bytes);
  if (fields === 'beyond' || subarray === 'beyond') return 'beyond';
  if (subarray === null || fields === null || (kind !== 'V' && (subarray !== 'none' || fields !== 'none'))) return null;
  if (subarray !== 'none' && (fields !== 'none' || subarray.bytes !== type.bytes)) return 'beyond';

  if (kind === 'O') return flags === ALL_OBJECT_FLAGS ? type : null;
  const holdsObjects = (subarray !== 'none' && subarray.holdsObjects) || fields === 'objects';
  const areFlags = holdsObjects ? (flags & INHERITED_FLAGS) === INHERITED_FLAGS : (flags & OBJECT_FLAGS) === 0;
  if (!areFlags || (!isFlexible && flags !== 0)) return null;
  return { bytes: type.bytes, holdsObjects, isCompound: subarray !== 'none' || fields !== 'none' };
}

/** `(type, shape)` of an array inside the element. */
function readSubarray(value: Value | undefined): ElementType | 'none' | 'beyond' | null {
  if (value?.kind === 'none') return 'none';
  if (value?.kind !== 'tuple' || value.items.length !== 2) return null;
  const [base, shape] = value.items;
  const type = readDtype(base);
  const sizes = shape?.kind === 'tuple' ? asCounts(shape) : null;
  const elements = sizes === null ? null : countElements(sizes);
  if (type === null || sizes === null) return null;
  return elements === null ? 'beyond' : { ...type, bytes: elements * type.bytes };
}

/** Fields by name: `(type, offset)` or `(type, offset, title)`, each inside the element and apart from every object. */
function readFields(
  names: Value | undefined,
  fields: Value | undefined,
  bytes: number,
): 'none' | 'numbers' | 'objects' | 'beyond' | null {
  if (names?.kind === 'none' && fields?.kind === 'none') return 'none';
  if (names?.kind !== 'tuple' || fields?.kind !== 'dict') return null;
  const byKey = new Map<string, Value>();
  for (let index = 0; index + 1 < fields.items.length; index += 2) {
    const key = textOf(fields.items[index]);
    const field = fields.items[index + 1];
    if (key === null || field === undefined || byKey.has(key)) return null;
    byKey.set(key, field);
  }
  const places: { start: number; end: number; holdsObjects: boolean }[] = [];
  const used = new Set<string>();
  for (const name of names.items) {
    const key = textOf(name);
    const field = key === null ? undefined : byKey.get(key);
    if (key === null || used.has(key) || field?.kind !== 'tuple' || ![2, 3].includes(field.items.length)) return null;
    const [base, offset, title] = field.items;
    const type = readDtype(base);
    const start = asCount(offset);
    if (type === null || start === null) return null;
    if (start < 0 || start + type.bytes > bytes) return 'beyond';
    places.push({ start, end: start + type.bytes, holdsObjects: type.holdsObjects });
    used.add(key);
    if (title === undefined || title.kind === 'none') continue;
    const titled = textOf(title);
    const twin = titled === null ? undefined : byKey.get(titled);
    // The second entry is the same field once more.
    if (titled === null || used.has(titled) || itemsOf(twin)[0] !== base || asCount(itemsOf(twin)[1]) !== start)
      return null;
    used.add(titled);
  }
  if (used.size !== byKey.size) return null;
  const objects = places.filter(({ holdsObjects }) => holdsObjects);
  const areApart = objects.every((one) =>
    places.every((other) => one === other || other.end <= one.start || one.end <= other.start),
  );
  if (!areApart) return 'beyond';
  return objects.length > 0 ? 'objects' : 'numbers';
}

/** What a dictionary of fields has by name. */
function partsOf(fields: Value | undefined): Value[] {
  return fields?.kind === 'dict' ? fields.items.filter((_, index) => index % 2 === 1) : [];
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'tuple' ? value.items : [];
}

/** Whatever is no plain number below the flags of objects. */
function claimsObjects(flags: Value | undefined): boolean {
  if (flags === undefined) return false;
  const number = asCount(flags);
  return number === null || (number & OBJECT_FLAGS) !== 0;
}

function isByteOrder(value: Value | undefined): boolean {
  if (value?.kind === 'bytes')
    return value.bytes.length === 1 && '<>=|'.includes(String.fromCharCode(value.bytes[0] ?? 0));
  return /^[<>=|]$/.test(textOf(value) ?? '');
}

/** `(metadata, (unit, how many, 1, 1))`, as NumPy gives it to times. */
function isTimeUnit(value: Value | undefined): boolean {
  if (value?.kind !== 'tuple' || value.items.length !== 2) return false;
  const [metadata, unit] = value.items;
  if (metadata === undefined || !(metadata.kind === 'none' || isMetadata(metadata)) || unit?.kind !== 'tuple')
    return false;
  const [name, ...counts] = unit.items;
  const text = name?.kind === 'bytes' ? Buffer.from(name.bytes).toString('latin1') : textOf(nameOf(name));
  return TIME_UNIT.test(text ?? '') && counts.length === 3 && counts.every((count) => (asCount(count) ?? 0) > 0);
}

/** Protocol 2 has no bytes: it encodes a text. */
function nameOf(value: Value | undefined): Value | undefined {
  return madeOf(value, 'bytes') !== null && value?.kind === 'call' ? value.args[0] : value;
}

function isMetadata(value: Value): boolean {
  return value.kind === 'dict' && isHarmlessTree(value);
}
