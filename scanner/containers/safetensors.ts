import type { ByteSource } from '../source.ts';
import { MalformedSafetensors } from './errors.ts';
import { parseStrictJson, type StrictJson } from './strict-json.ts';

export interface SafetensorsEntry {
  dtype: string;
  shape: number[];
  /** Bytes from `dataStart`, half-open. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  header: Map<string, SafetensorsEntry>;
  metadata: Map<string, string>;
  /** Absolute offset of the first byte behind the header. */
  dataStart: number;
}

/** The limit of the reference implementation (huggingface/safetensors `tensor.rs`, MAX_HEADER_SIZE). */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bits of one element (`tensor.rs`, `Dtype::bitsize`). */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ...['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'].map(
    (name) => [name, 8] as const,
  ),
  ...['I16', 'U16', 'F16', 'BF16'].map((name) => [name, 16] as const),
  ...['I32', 'U32', 'F32'].map((name) => [name, 32] as const),
  ...['I64', 'U64', 'F64', 'C64'].map((name) => [name, 64] as const),
]);

/**
 * Reads and checks the header by every rule of the format: length, UTF-8, strict JSON, known types, sizes that match,
 * and tensors that cover the data exactly, without gap or overlap. Throws MalformedSafetensors with one sentence.
 */
export function readSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  const prefix = source.read(0, 8);
  if (prefix.length < 8) throw new MalformedSafetensors('The file is too short to be a safetensors file.');
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new MalformedSafetensors(`The header claims ${length} bytes; the format allows ${MAX_HEADER_BYTES}.`);
  const bytes = source.read(8, Number(length));
  if (bytes.length < Number(length))
    throw new MalformedSafetensors('The file ends inside its header. Probably a broken download.');
  if (bytes[0] !== 0x7b) throw new MalformedSafetensors('The header does not begin with {.');

  const root = parseStrictJson(decodeUtf8(bytes));
  if (!(root instanceof Map)) throw new MalformedSafetensors('The header is not an object.');
  const dataStart = 8 + bytes.length;
  const metadata = readMetadata(root.get('__metadata__'));
  const header = new Map<string, SafetensorsEntry>();
  for (const [name, value] of root) if (name !== '__metadata__') header.set(name, readEntry(name, value));
  checkCoverage(header, source.size - dataStart);
  return { header, metadata, dataStart };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedSafetensors('The header is not UTF-8 text.');
  }
}

function readMetadata(value: StrictJson | undefined): Map<string, string> {
  if (value === undefined) return new Map();
  if (!(value instanceof Map)) throw new MalformedSafetensors('The metadata is not an object.');
  const metadata = new Map<string, string>();
  for (const [key, text] of value) {
    if (typeof text !== 'string') throw new MalformedSafetensors(`The metadata ${JSON.stringify(key)} is not a text.`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: StrictJson): SafetensorsEntry {
  const dtype = value instanceof Map ? value.get('dtype') : undefined;
  const shape = value instanceof Map ? value.get('shape') : undefined;
  const offsets = value instanceof Map ? value.get('data_offsets') : undefined;
  const label = JSON.stringify(name);
  if (
    !(value instanceof Map) ||
    value.size !== 3 ||
    typeof dtype !== 'string' ||
    !isIntegers(shape) ||
    !isIntegers(offsets) ||
    offsets.length !== 2
  ) {
    throw new MalformedSafetensors(`The tensor ${label} is not described by dtype, shape and data_offsets.`);
  }
  const bits = DTYPE_BITS.get(dtype);
  if (bits === undefined)
    throw new MalformedSafetensors(`The tensor ${label} has an unknown type (${dtype.slice(0, 40)}).`);

  const elements = shape.reduce((product, size) => product * size, 1);
  const [begin = 0, end = 0] = offsets;
  if (!Number.isSafeInteger(elements * bits) || end - begin !== (elements * bits) / 8) {
    throw new MalformedSafetensors(`The tensor ${label} takes ${end - begin} bytes, which its shape and type do not.`);
  }
  return { dtype, shape, begin, end };
}

function isIntegers(value: StrictJson | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function checkCoverage(header: ReadonlyMap<string, SafetensorsEntry>, dataBytes: number): void {
  let position = 0;
  const sorted = [...header].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of sorted) {
    if (begin !== position) {
      throw new MalformedSafetensors(
        `The tensor ${JSON.stringify(name)} ${begin < position ? 'overlaps another' : 'leaves a gap before it'}.`,
      );
    }
    position = end;
  }
  if (position > dataBytes)
    throw new MalformedSafetensors('The file ends before its tensors do. Probably a broken download.');
  if (position < dataBytes)
    throw new MalformedSafetensors(`There are ${dataBytes - position} bytes behind the last tensor.`);
}
