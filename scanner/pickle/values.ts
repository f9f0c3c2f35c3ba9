import type { GlobalClass } from '../report/index.ts';
import type { ProofName } from './proof-names.ts';
import type { TorchType } from './torch-types.ts';

/** A name brought in by GLOBAL, INST or STACK_GLOBAL. */
export interface GlobalValue {
  kind: 'global';
  /** As the file writes it: `__builtin__.set`. */
  name: string;
  /** The part of it that is imported: `__builtin__`. */
  module: string;
  /** With the spellings of Python 2 and NumPy 2 made one: `builtins.set`. */
  canonical: string;
  class: GlobalClass;
  /** How its arguments must look where it is called. */
  proof?: ProofName;
}

/** What a call would have made. `trusted` where the call is one that a tensor file makes. */
export interface CallValue {
  kind: 'call';
  callee: Value;
  args: readonly Value[];
  /** Entries put into it afterwards; null as long as there are none, for each empty list would take room. */
  added: Value[] | null;
  trusted: boolean;
  /** True for one that is not as tensor files make it and runs nothing all the same: it has a finding of its own. */
  isData: boolean;
  /** True once something rests on what it is: from then on nothing may change it. */
  sealed: boolean;
  /** What it is known to be, where other proofs ask for it. */
  made: Made | null;
}

/** One element of a NumPy array. */
export interface ElementType {
  bytes: number;
  /** True where it holds references to Python objects, which never stand in a file as they are. */
  holdsObjects: boolean;
  /** True where it is made of fields or of an array. */
  isCompound: boolean;
}

/** What a proven call makes. */
export type Made =
  | { kind: 'bytes'; length: number }
  /** `code` is the letter and the size that `numpy.dtype` was called with; null for one made by a class of its own. */
  | { kind: 'dtype'; type: ElementType; code: string | null }
  /** `type` is null as long as no state says what is in it. */
  | { kind: 'array'; type: ElementType | null; elements: number }
  /** `tensor` is null for one that is no plain view of a storage. */
  | { kind: 'tensor'; tensor: TensorRecord | null };

export interface ContainerValue {
  kind: 'list' | 'tuple' | 'set' | 'frozenset' | 'dict';
  /** For a dict: key, value, key, value… */
  items: Value[];
  /** True once something rests on what is in it: from then on nothing may change it. */
  sealed?: boolean;
}

export interface TextValue {
  kind: 'str';
  /** The first 4 kB of it. */
  text: string;
  cut: boolean;
  /** Of the whole text, in characters; in bytes where it was a byte string. */
  length: number;
  /** The bytes where the opcode was a byte string of Python 2. */
  bytes?: Uint8Array;
}

export interface BytesValue {
  kind: 'bytes' | 'bytearray';
  bytes: Uint8Array;
}

/** One inert value on the machine's stack: a description of what the loader would have there. Nothing is ever made or called. */
export type Value =
  | GlobalValue
  | CallValue
  | ContainerValue
  | TextValue
  | BytesValue
  | { kind: 'none' }
  | { kind: 'bool'; value: boolean }
  /** `value` is null where the number is too long to be read. */
  | { kind: 'int'; value: bigint | null }
  | { kind: 'float'; value: number }
  | { kind: 'persistent'; id: Value; storage: StorageReference | null }
  /** An out-of-band buffer, an extension, or what a broken stream failed to provide. */
  | { kind: 'opaque'; what: string };

/** The persistent id of a tensor's numbers (PyTorch `torch/serialization.py`, `persistent_id`). */
export interface StorageReference {
  /** `FloatStorage`, `UntypedStorage`… */
  type: string;
  key: string;
  /** Elements, or bytes for an untyped storage. */
  elements: number;
  /** Legacy layout only: this is a part of the storage of that key, with a key of its own. */
  view: { key: string; offset: number; elements: number } | null;
}

/** A tensor as its rebuild call describes it. Sizes, strides and offset count elements. */
export interface TensorRecord {
  storage: StorageReference;
  type: TorchType;
  offset: number;
  shape: number[];
  stride: number[];
  /** Byte of the call in the pickle. */
  at: number;
}

/** `what` of an opaque value that should be there and is not. */
export const MISSING = 'missing';
export const EMPTY_TUPLE: Value = { kind: 'tuple', items: [] };
export const NONE: Value = { kind: 'none' };
export const TRUE: Value = { kind: 'bool', value: true };
export const FALSE: Value = { kind: 'bool', value: false };

/** The values directly inside a value. */
export function childrenOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset':
    case 'dict':
      return value.items;
    case 'call':
      return [value.callee, ...value.args, ...(value.added ?? [])];
    case 'persistent':
      return [value.id];
    default:
      return [];
  }
}

/** More values inside a key than any key has. */
const MAX_KEY_VALUES = 1000;

/** False where Python would refuse it as a key or as a member of a set. */
export function isHashable(key: Value): boolean {
  const seen: Value[] = [key];
  for (let index = 0; index < Math.min(seen.length, MAX_KEY_VALUES); index += 1) {
    const value = seen[index];
    if (value === undefined) break;
    if (['list', 'dict', 'set', 'bytearray'].includes(value.kind)) return false;
    if (value.kind === 'tuple') for (const item of value.items.slice(0, MAX_KEY_VALUES)) seen.push(item);
  }
  return true;
}

/** The number that an int stands for, or null where it is none or too large to count with. */
export function asCount(value: Value | undefined): number | null {
  if (value?.kind !== 'int' || value.value === null) return null;
  const number = Number(value.value);
  return Number.isSafeInteger(number) ? number : null;
}

/** More dimensions than any tensor has. */
const MAX_RANK = 64;

/** Whole numbers of a tuple or list (or of one `torch.Size` around it), or null. */
export function asCounts(value: Value | undefined): number[] | null {
  const isSize = value?.kind === 'call' && value.callee.kind === 'global' && value.callee.canonical === 'torch.Size';
  const sequence = isSize ? value.args[0] : value;
  if ((sequence?.kind !== 'tuple' && sequence?.kind !== 'list') || sequence.items.length > MAX_RANK) return null;
  // A list that grows takes room for 17 at once.
  const counts = sequence.items.map(asCount);
  return counts.every((count) => count !== null) ? counts : null;
}
