import type { GgufType } from '../containers/index.ts';
import { GGUF_TYPES } from '../containers/index.ts';

/** A tensor as the header lists it. `offset` counts from the beginning of the data. */
export interface ListedTensor {
  name: string;
  type: GgufType;
  shape: readonly number[];
  offset: number;
}

export type MetadataEntry =
  | readonly [key: string, type: 'text', value: string]
  | readonly [key: string, type: 'u32', value: number]
  | readonly [key: string, type: 'i32s', value: readonly number[]];

/** Where tensors begin: at multiples of so many bytes, which is the format's own default. */
export const GGUF_ALIGNMENT = 32;
const VERSION = 3;
const VALUE_TYPES = { u32: 4, i32: 5, text: 8, list: 9 } as const;
const NUMBER_OF: ReadonlyMap<GgufType, number> = new Map([...GGUF_TYPES].map(([number, type]) => [type, number]));

/** The header of a GGUF file of version 3, little-endian, padded to where the data begins. */
export function writeGgufHeader(entries: readonly MetadataEntry[], tensors: readonly ListedTensor[]): Buffer {
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(VERSION), u64(tensors.length), u64(entries.length)];
  for (const [key, type, value] of entries) {
    parts.push(text(key));
    if (type === 'text') parts.push(u32(VALUE_TYPES.text), text(value));
    else if (type === 'u32') parts.push(u32(VALUE_TYPES.u32), u32(value));
    else {
      parts.push(u32(VALUE_TYPES.list), u32(VALUE_TYPES.i32), u64(value.length), ...value.map(u32));
    }
  }
  for (const { name, type, shape, offset } of tensors) {
    parts.push(
      text(name),
      u32(shape.length),
      ...shape.toReversed().map(u64),
      u32(NUMBER_OF.get(type) ?? 0),
      u64(offset),
    );
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(alignUp(header.length) - header.length)]);
}

export function alignUp(position: number): number {
  return Math.ceil(position / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
