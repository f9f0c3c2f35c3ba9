import { DEFAULT_SCAN_LIMITS } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedSafetensors } from './errors.ts';
import { HeaderReader } from './header-reader.ts';
import { type DescribedTensor, readPlainEntry } from './plain-entry.ts';
import { type Room, readObject, readStrictJson, readString, type StrictJson } from './strict-json.ts';

export interface SafetensorsEntry {
  dtype: string;
  shape: readonly number[];
  /** Bytes from `dataStart`, half-open. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  header: ReadonlyMap<string, SafetensorsEntry>;
  metadata: Map<string, string>;
  /** Absolute offset of the first byte behind the header. */
  dataStart: number;
}

/** The limit of the reference implementation (huggingface/safetensors `tensor.rs`, MAX_HEADER_SIZE). */
export const MAX_HEADER_BYTES = 100_000_000;

export interface HeaderOptions {
  /** Bytes of the header, below what the format allows. */
  maxBytes?: number;
  maxTensors?: number;
  /** False where only the verdict counts: the texts of the metadata are checked, and empty in the answer. */
  keepsMetadata?: boolean;
}

/** White space that the reference implementation lets stand before the header, against the format's own text. */
const MAX_SPACE = 1024;

/** True where the bytes begin as a safetensors file: the length of a header (u64, little-endian) that fits in, and its `{`. */
export function looksLikeSafetensors(source: ByteSource): boolean {
  const head = source.read(0, 8 + MAX_SPACE);
  const first = head.findIndex((byte, at) => at >= 8 && !SPACE.has(byte));
  if (first < 0 || head[first] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length > 0n && length + 8n <= BigInt(source.size);
}

/** Tab, line feed, carriage return, space. */
const SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/** The one name that is no tensor's. */
const RESERVED_NAME = '__metadata__';
/** One tensor: more dimensions and longer names of types than any has. */
const ENTRY_ROOM: Room = { values: 300, characters: 10_000 };
const MAX_NAME_CHARACTERS = 16 * 1024 * 1024;
/** Trainers write some dozens of entries, the largest of them some megabytes. */
const MAX_METADATA = 20_000;
const MAX_METADATA_CHARACTERS = 32 * 1024 * 1024;

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
 * and tensors that cover the data exactly, without gap or overlap. Throws MalformedSafetensors with one sentence, and
 * ContainerLimit where the header is sound as far as it was read and holds more than fits into memory.
 */
export function readSafetensorsHeader(source: ByteSource, options: HeaderOptions = {}): SafetensorsHeader {
  const { maxBytes = MAX_HEADER_BYTES, maxTensors = DEFAULT_SCAN_LIMITS.headerTensors, keepsMetadata = true } = options;
  const known = knownHeaders.get(source);
  if (known !== undefined && known.dataStart - 8 <= maxBytes && known.header.size <= maxTensors)
    return { header: known.header, metadata: known.readMetadata(keepsMetadata), dataStart: known.dataStart };
  const prefix = source.read(0, 8);
  if (prefix.length < 8) throw new MalformedSafetensors('The file is too short to be a safetensors file.');
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new MalformedSafetensors(`The header claims ${length} bytes; the format allows ${MAX_HEADER_BYTES}.`);
  if (length > BigInt(maxBytes)) throw new ContainerLimit(`The header is larger than ${maxBytes} bytes.`);
  const dataStart = 8 + Number(length);
  if (dataStart > source.size)
    throw new MalformedSafetensors('The file ends within its header. Probably an incomplete download.');
  if (source.read(8, 1)[0] !== 0x7b) throw new MalformedSafetensors('The header does not begin with {.');

  const reader = new HeaderReader(source, 8, dataStart);
  const header = new Map<string, SafetensorsEntry>();
  let metadata: Map<string, string> | undefined;
  let metadataAt = 0;
  const names: Room = { values: maxTensors, characters: MAX_NAME_CHARACTERS };
  readObject(reader, names, (name) => {
    if (name === RESERVED_NAME ? metadata !== undefined : header.has(name))
      throw new MalformedSafetensors(`The header contains ${JSON.stringify(name)} twice.`);
    if (name === RESERVED_NAME) {
      metadataAt = reader.position;
      metadata = readMetadata(reader, keepsMetadata);
    } else if (header.size >= maxTensors)
      throw new ContainerLimit(`The header contains more than ${maxTensors} tensors. It was not checked to its end.`);
    else header.set(name, checkEntry(name, readPlainEntry(reader) ?? readOddEntry(reader, name)));
  });
  if (!reader.isAtEnd()) throw new MalformedSafetensors('There is data after the end of the header.');
  checkCoverage(header, source.size - dataStart);
  if (dataStart <= KEPT_BYTES)
    knownHeaders.set(source, {
      header,
      dataStart,
      readMetadata(isKept) {
        if (metadata === undefined) return new Map();
        reader.position = metadataAt;
        return readMetadata(reader, isKept);
      },
    });
  return { header, metadata: metadata ?? new Map(), dataStart };
}

/** A longer header is read anew, because what is kept of it would take more memory than its file. */
const KEPT_BYTES = 1024 * 1024;

/** Headers that were found sound. Of the metadata only the place is kept, because a scan does not read its texts. */
const knownHeaders = new WeakMap<
  ByteSource,
  Pick<SafetensorsHeader, 'header' | 'dataStart'> & { readMetadata(isKept: boolean): Map<string, string> }
>();

function readMetadata(reader: HeaderReader, isKept: boolean): Map<string, string> {
  reader.skipSpace();
  if (reader.peek() !== 0x7b) {
    readStrictJson(reader, 1, { ...ENTRY_ROOM });
    throw new MalformedSafetensors('The metadata is not an object.');
  }
  const metadata = new Map<string, string>();
  const room: Room = { values: MAX_METADATA, characters: MAX_METADATA_CHARACTERS };
  readObject(reader, room, (key) => {
    if (metadata.has(key)) throw new MalformedSafetensors(`The header contains ${JSON.stringify(key)} twice.`);
    if (metadata.size >= MAX_METADATA)
      throw new ContainerLimit(
        `The header contains more than ${MAX_METADATA} metadata entries. It was not checked to its end.`,
      );
    reader.skipSpace();
    if (reader.peek() !== 0x22) {
      readStrictJson(reader, 2, { ...ENTRY_ROOM });
      throw new MalformedSafetensors(`The metadata ${JSON.stringify(key)} is not a string.`);
    }
    metadata.set(key, readString(reader, room, isKept));
  });
  return metadata;
}

/** An entry that only a strict reading can judge. */
function readOddEntry(reader: HeaderReader, name: string): DescribedTensor {
  const value = readStrictJson(reader, 1, { ...ENTRY_ROOM });
  const dtype = value instanceof Map ? value.get('dtype') : undefined;
  const shape = value instanceof Map ? value.get('shape') : undefined;
  const offsets = value instanceof Map ? value.get('data_offsets') : undefined;
  if (
    !(value instanceof Map) ||
    value.size !== 3 ||
    typeof dtype !== 'string' ||
    !isIntegers(shape) ||
    !isIntegers(offsets)
  ) {
    throw isNotDescribed(name);
  }
  return { dtype, shape, offsets };
}

function isNotDescribed(name: string): MalformedSafetensors {
  return new MalformedSafetensors(
    `The tensor ${JSON.stringify(name)} is not described by dtype, shape and data_offsets.`,
  );
}

function checkEntry(name: string, { dtype, shape, offsets }: DescribedTensor): SafetensorsEntry {
  if (offsets.length !== 2) throw isNotDescribed(name);
  const label = () => JSON.stringify(name);
  const bits = DTYPE_BITS.get(dtype);
  if (bits === undefined)
    throw new MalformedSafetensors(`The tensor ${label()} has an unknown type (${dtype.slice(0, 40)}).`);

  let elements = 1;
  for (const size of shape) elements *= size;
  const [begin = 0, end = 0] = offsets;
  if (begin > end) throw new MalformedSafetensors(`The tensor ${label()} ends before it begins.`);
  if (!Number.isSafeInteger(elements * bits))
    throw new MalformedSafetensors(`The shape of the tensor ${label()} is too large.`);
  if ((elements * bits) % 8 !== 0)
    throw new MalformedSafetensors(`The tensor ${label()} does not end on a byte boundary.`);
  if (end - begin !== (elements * bits) / 8) {
    throw new MalformedSafetensors(
      `The tensor ${label()} has ${end - begin} bytes, which does not match its shape and type.`,
    );
  }
  return { dtype, shape, begin, end };
}

function isIntegers(value: StrictJson | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

/** The tensors as they stand in the data: as they stand in the header, where its writer went from front to back. */
function inOrder(header: ReadonlyMap<string, SafetensorsEntry>): Iterable<[string, SafetensorsEntry]> {
  let position = 0;
  for (const { begin, end } of header.values()) {
    if (begin < position) return [...header].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
    position = end;
  }
  return header;
}

function checkCoverage(header: ReadonlyMap<string, SafetensorsEntry>, dataBytes: number): void {
  let position = 0;
  for (const [name, { begin, end }] of inOrder(header)) {
    if (begin !== position) {
      throw new MalformedSafetensors(
        `The tensor ${JSON.stringify(name)} ${begin < position ? 'overlaps another' : 'leaves a gap before it'}.`,
      );
    }
    position = end;
  }
  if (position > dataBytes)
    throw new MalformedSafetensors('The file ends before the end of its tensors. Probably an incomplete download.');
  if (position < dataBytes)
    throw new MalformedSafetensors(`There are ${dataBytes - position} bytes after the last tensor.`);
}
