import { InertTensor, StorageHandle } from './inert.ts';
import { type Parameters, type ReadScales, resolveQuantiser } from './resolve-quantiser.ts';
import { rowMajorStride } from './strides.ts';
import { DTYPE_BYTES, type Dtype, isQuantisedType, type RefusedTensor, type Tensor, unitBytes } from './types.ts';

/** Where one storage's bytes lie, or the reason why they cannot be had. Units: bytes. */
export type StorageBytes = { start: number; size: number; bigEndian: boolean } | { refusal: string };

export type LocateStorage = (key: string, elementBytes: number) => StorageBytes;

/** Storage classes of `torch.save`; null where safetensors has no such type. `torch.cuda.*` names are the same. */
const STORAGE_DTYPES: ReadonlyMap<string, Dtype | null> = new Map<string, Dtype | null>([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
  ['ComplexFloatStorage', 'C64'],
  ['ComplexDoubleStorage', null],
  ['QInt8Storage', 'QINT8'],
  ['QUInt8Storage', 'QUINT8'],
  ['QInt32Storage', 'QINT32'],
  ['QUInt4x2Storage', null],
  ['QUInt2x4Storage', null],
]);

/** dtype objects, which `_rebuild_tensor_v3` names next to an untyped storage. */
const DTYPE_OBJECTS: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['torch.float64', 'F64'],
  ['torch.float32', 'F32'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint8', 'U8'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
  ['torch.bool', 'BOOL'],
  ['torch.complex64', 'C64'],
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
  ['torch.float8_e4m3fnuz', 'F8_E4M3FNUZ'],
  ['torch.float8_e5m2fnuz', 'F8_E5M2FNUZ'],
  ['torch.float8_e8m0fnu', 'F8_E8M0'],
  // Two numbers an element: its last dimension is twice as long in safetensors.
  ['torch.float4_e2m1fn_x2', 'F4'],
]);

const UNTYPED_STORAGE = 'torch.storage.UntypedStorage';
/** More dimensions than any network has; torch itself stops at 64. */
const MAX_RANK = 64;

/** Checks every number of a tensor's record against the file, and gives the tensor or the reason to refuse it. */
export function resolveTensor(
  name: string,
  inert: InertTensor,
  locate: LocateStorage,
  readScales: ReadScales,
): Tensor | RefusedTensor {
  const refuse = (reason: string): RefusedTensor => ({ name, reason });
  if (inert.refusal !== null) return refuse(inert.refusal);

  const handle = inert.storage;
  if (!(handle instanceof StorageHandle)) return refuse('It refers to no storage with its data.');
  const dtype = inert.dtype === null ? storageDtype(handle.className) : DTYPE_OBJECTS.get(inert.dtype);
  if (dtype === null || dtype === undefined) {
    const type = inert.dtype === null ? handle.className : inert.dtype || 'none';
    return refuse(`Its data type (${type}) is not supported by safetensors.`);
  }

  const sign = signOf(inert.marks, dtype);
  if (sign === 'unknown') return refuse('Its data is marked for computation on loading.');

  const { offset, size: shape, stride } = inert;
  if (!isCountList(shape)) return refuse('Its shape is not a list of sizes.');
  if (!isCountList(stride)) return refuse('Its strides are not a list of non-negative steps.');
  if (shape.length !== stride.length) {
    return refuse(`It has ${shape.length} dimensions but ${stride.length} strides.`);
  }
  if (shape.length > MAX_RANK) return refuse(`It has ${shape.length} dimensions.`);
  if (!isCount(offset)) return refuse('Its first element is before the start of its storage.');

  const elementBytes = unitBytes(dtype);
  const untyped = handle.className === UNTYPED_STORAGE;
  const elements = untyped ? Math.floor(handle.elements / elementBytes) : handle.elements;
  if (!isCount(elements) || !isCount(handle.viewOffset)) return refuse('Its storage has an impossible size.');
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count * elementBytes)) return refuse('Its shape has too many elements.');

  const place = elements === 0 && count === 0 ? NOWHERE : locate(handle.key, untyped ? 1 : elementBytes);
  if ('refusal' in place) return refuse(place.refusal);
  const viewStart = handle.viewOffset * (untyped ? 1 : elementBytes);
  if (viewStart + elements * elementBytes > place.size) {
    return refuse(`Its storage claims ${viewStart + elements * elementBytes} bytes, but the file has ${place.size}.`);
  }
  if (count > 0) {
    const last = shape.reduce((index, size, axis) => index + (size - 1) * (stride[axis] ?? 0), offset);
    if (last >= elements) return refuse(`It reaches element ${last} of a storage of ${elements}.`);
  }

  const quantiser = isQuantisedType(dtype)
    ? resolveQuantiser(inert.quantiser, shape, (scales) => resolveNumbers(scales, locate, readScales))
    : null;
  if (typeof quantiser === 'string') return refuse(quantiser);
  if (dtype === 'F4') return pairsOfNumbers(name, shape, stride, place.start + viewStart + offset);
  return {
    name,
    dtype,
    shape: [...shape],
    storage: {
      start: place.start + viewStart,
      elements,
      offset,
      stride: [...stride],
      ...(place.bigEndian ? { bigEndian: true } : {}),
      ...(sign === null ? {} : { sign }),
    },
    ...(quantiser === null ? {} : { quantiser }),
  };
}

/** Types that torch gives the zero points of channels, where they are whole numbers. */
const WHOLE: ReadonlySet<Dtype> = new Set<Dtype>(['I64', 'I32']);

/** The numbers of a tensor that a quantized one refers to, or null. */
function resolveNumbers(value: unknown, locate: LocateStorage, readScales: ReadScales): Parameters | null {
  if (!(value instanceof InertTensor) || value.quantiser !== null) return null;
  const tensor = resolveTensor('', value, locate, readScales);
  const numbers = 'reason' in tensor ? null : readScales(tensor);
  return numbers === null || 'reason' in tensor ? null : { numbers, isWhole: WHOLE.has(tensor.dtype) };
}

/** Numbers of 4 bits, two a byte, in one run. */
function pairsOfNumbers(
  name: string,
  shape: readonly number[],
  stride: readonly number[],
  start: number,
): Tensor | RefusedTensor {
  const expected = rowMajorStride(shape);
  if (shape.length === 0 || shape.some((size, axis) => size > 1 && stride[axis] !== expected[axis]))
    return { name, reason: 'Its numbers of 4 bits are not in one run.' };
  const whole = shape.with(-1, (shape.at(-1) ?? 0) * 2);
  const elements = whole.reduce((product, size) => product * size, 1);
  return { name, dtype: 'F4', shape: whole, storage: { start, elements, offset: 0, stride: rowMajorStride(whole) } };
}

/** What the marks of a view ask for. Only signs are known; whole numbers have none that could be turned by a bit. */
function signOf(marks: ReadonlySet<string>, dtype: Dtype): 'negated' | 'conjugated' | 'unknown' | null {
  if (marks.size === 0) return null;
  const [mark] = marks;
  if (marks.size === 1 && mark === 'conj' && dtype === 'C64') return 'conjugated';
  if (marks.size === 1 && mark === 'neg' && SIGNED_BY_A_BIT.has(dtype)) return 'negated';
  return 'unknown';
}

const SIGNED_BY_A_BIT: ReadonlySet<Dtype> = new Set<Dtype>(['F64', 'F32', 'F16', 'BF16', 'C64']);

const NOWHERE: StorageBytes = { start: 0, size: 0, bigEndian: false };

function storageDtype(className: string): Dtype | null | undefined {
  const match = /^torch\.(?:cuda\.)?(\w+)$/.exec(className);
  return match?.[1] === undefined ? undefined : STORAGE_DTYPES.get(match[1]);
}

/** Bytes of one element of a storage class, or null where it is not known. `UntypedStorage` counts bytes. */
export function storageElementBytes(className: string): number | null {
  if (className === UNTYPED_STORAGE) return 1;
  const dtype = storageDtype(className);
  if (dtype !== null && dtype !== undefined) return DTYPE_BYTES[dtype];
  return UNWRITABLE_BYTES.get(className.replace(/^torch\.(cuda\.)?/, '')) ?? null;
}

/** Storages that cannot be written must still be stepped over in the legacy layout. */
const UNWRITABLE_BYTES: ReadonlyMap<string, number> = new Map([
  ['ComplexDoubleStorage', 16],
  ['QUInt4x2Storage', 1],
  ['QUInt2x4Storage', 1],
]);

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCountList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= 4096 && value.every(isCount);
}
