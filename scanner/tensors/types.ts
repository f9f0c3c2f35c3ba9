import { type Block, GGUF_BLOCKS, type GgufBlockType } from '../containers/index.ts';

/** Dtype names as safetensors writes them (huggingface/safetensors, `tensor.rs`). */
export type SafetensorsDtype =
  | 'BOOL'
  | 'F4'
  | 'F6_E2M3'
  | 'F6_E3M2'
  | 'U8'
  | 'I8'
  | 'F8_E5M2'
  | 'F8_E4M3'
  | 'F8_E8M0'
  | 'F8_E4M3FNUZ'
  | 'F8_E5M2FNUZ'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'C64'
  | 'F64'
  | 'I64'
  | 'U64';

/** Whole numbers of torch that stand for others: see `Quantiser`. Named as its storages are. */
export type QuantisedDtype = 'QINT8' | 'QUINT8' | 'QINT32';

/** How a tensor's numbers are stored: one by one, in the blocks of GGUF, or quantized as torch does. */
export type Dtype = SafetensorsDtype | GgufBlockType | QuantisedDtype;

const PLAIN_BYTES: Readonly<Record<SafetensorsDtype, number>> = {
  BOOL: 1,
  F4: 1 / 2,
  F6_E2M3: 3 / 4,
  F6_E3M2: 3 / 4,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
};

const QUANTISED_BYTES: Readonly<Record<QuantisedDtype, number>> = { QINT8: 1, QUINT8: 1, QINT32: 4 };

const BLOCK_TYPES = Object.entries(GGUF_BLOCKS) as [GgufBlockType, Block][];

/** Bytes of one element: less than one, or with a fraction, where several are stored together. Always exact. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  ...PLAIN_BYTES,
  ...QUANTISED_BYTES,
  ...(Object.fromEntries(BLOCK_TYPES.map(([type, { elements, bytes }]) => [type, bytes / elements])) as Record<
    GgufBlockType,
    number
  >),
};

/** The fewest bytes that hold whole elements: those of one, or of a block. */
export function unitBytes(dtype: Dtype): number {
  if (isBlockType(dtype)) return GGUF_BLOCKS[dtype].bytes;
  if (isQuantisedType(dtype)) return QUANTISED_BYTES[dtype];
  return PLAIN_BYTES[dtype] === 3 / 4 ? 3 : Math.ceil(PLAIN_BYTES[dtype]);
}

/** True for types whose numbers do not take whole bytes each: they are copied, and not looked at one by one. */
export function isPackedType(dtype: Dtype): boolean {
  return isBlockType(dtype) || DTYPE_BYTES[dtype] < 1;
}

/** True for torch's quantized types, whose tensors have a `quantiser`. */
export function isQuantisedType(dtype: Dtype): dtype is QuantisedDtype {
  return Object.hasOwn(QUANTISED_BYTES, dtype);
}

/** True for types that safetensors has. */
export function isSafetensorsDtype(dtype: string): dtype is SafetensorsDtype {
  return Object.hasOwn(PLAIN_BYTES, dtype);
}

/** True for types whose numbers are stored in the blocks of GGUF. */
export function isBlockType(dtype: Dtype): dtype is GgufBlockType {
  return Object.hasOwn(GGUF_BLOCKS, dtype);
}

/** Where a tensor's elements lie in the file, and how a view walks them. Units: bytes for `start`, elements for the rest. */
export interface TensorStorage {
  /** Absolute byte offset of the storage in the file. */
  start: number;
  /** Elements the storage holds. */
  elements: number;
  /** First element of the view. */
  offset: number;
  /** Elements to step for each dimension, as many as the shape has. */
  stride: readonly number[];
  /** True where the storage's bytes are big-endian. */
  bigEndian?: boolean;
  /** torch keeps some views as a mark alone: all signs turned, or those of the imaginary parts. */
  sign?: 'negated' | 'conjugated';
}

/**
 * What the whole numbers of a quantized tensor stand for: (number − zero point) × scale. The schemes are torch's
 * `per_tensor_affine`, and `per_channel_affine` with whole numbers or fractions for zero points; they round differently.
 */
export interface Quantiser {
  scheme: 'tensor' | 'channel';
  /** The dimension whose indices have scales of their own; not used where all share one. */
  axis: number;
  scales: Float64Array;
  zeroPoints: Float64Array;
}

export interface Tensor {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  storage: TensorStorage;
  /** Of quantized types. */
  quantiser?: Quantiser;
}

/** Something in a checkpoint that is not a tensor: kept to be reported, never written. */
export interface NonTensor {
  name: string;
  /** A short text for people: `int 875000`, `dict of 4`, `ModelCheckpoint object`. */
  summary: string;
}

/** A tensor that cannot be written as safetensors, with the reason in words. */
export interface RefusedTensor {
  name: string;
  reason: string;
}

/** Marks of a pickle's structure that identification needs and a flat list of names loses. */
export interface PickleStructure {
  /** Keys (and `a.b` for nested ones) of the outer dictionary before unwrapping; numbers stay numbers. */
  rootKeys: readonly (string | number)[];
  /** The wrapper that was opened, e.g. `state_dict`, or null. */
  wrapper: string | null;
  /** Small scalars next to the tensors, e.g. `global_step` → 875000. */
  scalars: ReadonlyMap<string, string | number | boolean>;
}

/** Every tensor of one model file, whatever its container. */
export interface TensorTable {
  tensors: Tensor[];
  nonTensors: NonTensor[];
  refused: RefusedTensor[];
  /** `__metadata__` of safetensors, or that of GGUF as texts; empty for pickles. */
  metadata: ReadonlyMap<string, string>;
  pickle: PickleStructure | null;
}
