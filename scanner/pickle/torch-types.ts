/** How PyTorch stores one element. */
export interface TorchType {
  /** As `torch.` names it: `float32`. */
  name: string;
  /** Bytes of one element; a part of one where a byte holds several. */
  bytes: number;
}

/** Bytes of one element, by the name of the type. */
const BYTES = {
  ...{ float16: 2, float32: 4, float64: 8, half: 2, float: 4, double: 8, bfloat16: 2 },
  ...{ complex32: 4, complex64: 8, complex128: 16 },
  ...{ uint8: 1, uint16: 2, uint32: 4, uint64: 8, int8: 1, int16: 2, int32: 4, int64: 8, short: 2, int: 4, long: 8 },
  ...{
    bool: 1,
    float8_e4m3fn: 1,
    float8_e5m2: 1,
    float8_e4m3fnuz: 1,
    float8_e5m2fnuz: 1,
    float8_e8m0fnu: 1,
    float4_e2m1fn_x2: 1,
  },
  ...{ float4_e2m1fn_x2: 1, qint8: 1, quint8: 1, qint32: 4, quint4x2: 1 / 2, quint2x4: 1 / 4 },
} as const;

/** Types of elements by the class of a storage; those of an untyped one are bytes. */
const OF_STORAGE: Readonly<Record<string, keyof typeof BYTES>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
  QUInt4x2Storage: 'quint4x2',
  QUInt2x4Storage: 'quint2x4',
  UntypedStorage: 'uint8',
  _UntypedStorage: 'uint8',
};

const TYPES = new Map<string, TorchType>(Object.entries(BYTES).map(([name, bytes]) => [name, { name, bytes }]));

/** The type of a name such as `torch.float16`, or null where it is none. */
export function torchType(canonical: string): TorchType | null {
  return canonical.startsWith('torch.') ? (TYPES.get(canonical.slice('torch.'.length)) ?? null) : null;
}

/** What a storage of this class holds (`FloatStorage`), or null where it is not known. */
export function storageElement(type: string): TorchType | null {
  return Object.hasOwn(OF_STORAGE, type) ? (TYPES.get(OF_STORAGE[type] ?? '') ?? null) : null;
}

/** Bytes that each counted element of a storage takes in the file: its record counts a byte that holds several as one. */
export function storageElementBytes(type: string): number | null {
  const element = storageElement(type);
  return element === null ? null : Math.max(1, element.bytes);
}

/** True for a storage of which a tensor's own record says the type. */
export function isUntyped(type: string): boolean {
  return type.endsWith('UntypedStorage');
}
