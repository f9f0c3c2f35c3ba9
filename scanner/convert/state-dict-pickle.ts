import { type Dtype, isSafetensorsDtype, rowMajorStride, type SafetensorsDtype } from '../tensors/index.ts';
import { countElements } from './layout.ts';
import type { OutputTensor } from './select.ts';

/** Storage classes by type; null for types that torch names by a dtype object next to an untyped storage. */
const STORAGE_CLASSES: Readonly<Record<SafetensorsDtype, string | null>> = {
  F64: 'DoubleStorage',
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
  I32: 'IntStorage',
  I16: 'ShortStorage',
  I8: 'CharStorage',
  U8: 'ByteStorage',
  BOOL: 'BoolStorage',
  C64: 'ComplexFloatStorage',
  F4: null,
  F6_E2M3: null,
  F6_E3M2: null,
  U16: null,
  U32: null,
  U64: null,
  F8_E4M3: null,
  F8_E5M2: null,
  F8_E4M3FNUZ: null,
  F8_E5M2FNUZ: null,
  F8_E8M0: null,
};

const DTYPE_OBJECTS: Readonly<Partial<Record<Dtype, string>>> = {
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
  F4: 'float4_e2m1fn_x2',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  F8_E4M3FNUZ: 'float8_e4m3fnuz',
  F8_E5M2FNUZ: 'float8_e5m2fnuz',
  F8_E8M0: 'float8_e8m0fnu',
};

/** Why PyTorch has no tensor like this one; null where it has. */
export function whyNotInTorch({ dtype, source: { shape } }: OutputTensor): string | null {
  if (dtype === 'F4') return (shape.at(-1) ?? 1) % 2 === 0 ? null : 'Its rows of F4 have an odd number of elements.';
  const isKnown = isSafetensorsDtype(dtype) && (STORAGE_CLASSES[dtype] !== null || DTYPE_OBJECTS[dtype] !== undefined);
  return isKnown ? null : `PyTorch has no data type ${dtype}.`;
}

/** One tensor of the pickle, with the key of the storage that is its own. `bytes` is the storage's size. */
export interface KeyedTensor {
  tensor: OutputTensor;
  key: string;
  bytes: number;
}

/**
 * The `data.pkl` of a torch zip: an ordered dict of tensors, inside `{'state_dict': …}` where wanted, in protocol 2 and
 * with nothing in it that `torch.load(weights_only=True)` does not take.
 */
export function pickleStateDict(tensors: readonly KeyedTensor[], wrapped: boolean): Buffer {
  const items = tensors.flatMap(({ tensor, key, bytes }) => [text(tensor.name), rebuild(tensor, key, bytes)]);
  const stateDict = [ORDERED_DICT, op('('), ...items, op('u')];
  const object = wrapped ? [op('}('), text('state_dict'), ...stateDict, op('u')] : stateDict;
  return Buffer.concat([op('\x80\x02'), ...object, op('.')]);
}

function rebuild({ dtype, source }: OutputTensor, key: string, bytes: number): Buffer {
  // PyTorch's type is of two numbers an element.
  const shape = dtype === 'F4' ? source.shape.with(-1, (source.shape.at(-1) ?? 0) / 2) : source.shape;
  const storageClass = isSafetensorsDtype(dtype) ? STORAGE_CLASSES[dtype] : null;
  const named = storageClass !== null;
  const storage = [
    text('storage'),
    named ? global('torch', storageClass) : global('torch.storage', 'UntypedStorage'),
    text(key),
    text('cpu'),
    integer(named ? countElements(shape) : bytes),
  ];
  const view = [integer(0), tuple(shape.map(integer)), tuple(rowMajorStride(shape).map(integer)), op('\x89')];
  const args = [op('('), ...storage, op('tQ'), ...view, ORDERED_DICT];
  if (!named) args.push(global('torch', DTYPE_OBJECTS[dtype] ?? ''));
  const rebuilder = global('torch._utils', named ? '_rebuild_tensor_v2' : '_rebuild_tensor_v3');
  return Buffer.concat([rebuilder, op('('), ...args, op('tR')]);
}

function op(codes: string): Buffer {
  return Buffer.from(codes, 'latin1');
}

function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`);
}

const ORDERED_DICT = Buffer.concat([global('collections', 'OrderedDict'), op(')R')]);

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(5, 'X');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function tuple(items: readonly Buffer[]): Buffer {
  return Buffer.concat([op('('), ...items, op('t')]);
}

/** BININT, or LONG1 above 31 bits. */
function integer(value: number): Buffer {
  if (value <= 0x7fffffff) {
    const bytes = Buffer.alloc(5, 'J');
    bytes.writeInt32LE(value, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(10);
  bytes.set([0x8a, 8]);
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}
