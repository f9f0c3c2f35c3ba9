import { DEFAULT_SCAN_LIMITS } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedGguf } from './errors.ts';
import { type GgufValue, MetadataReader } from './gguf-metadata.ts';
import { GgufReader } from './gguf-reader.ts';
import { GGUF_TYPES, type GgufType, ggufBlock } from './gguf-types.ts';

export interface GgufTensor {
  name: string;
  type: GgufType;
  /** As PyTorch has it: the dimension whose elements are next to each other comes last. */
  shape: number[];
  /** Absolute offset of its first byte, and how many there are. */
  start: number;
  bytes: number;
}

export interface GgufFile {
  version: 2 | 3;
  bigEndian: boolean;
  alignment: number;
  /** What the file says of itself, as texts. Long lists (vocabularies) and long texts are left out. */
  metadata: Map<string, string>;
  tensors: GgufTensor[];
  /** Absolute offset of the tensor data. */
  dataStart: number;
  /** Bytes of the file that belong to nothing and are not padding. */
  unused: { offset: number; bytes: number }[];
}

export interface GgufOptions {
  /** Bytes of the header. */
  maxBytes?: number;
  maxTensors?: number;
  /** Entries of the metadata, and values in its lists. */
  maxEntries?: number;
  maxValues?: number;
  /** Milliseconds since 1970. */
  deadline?: number;
  /** Is given every text of the metadata that has a Jinja expression. */
  onText?: (key: string, text: string) => void;
  /** False where only the verdict counts: the texts of the metadata are checked, and not in the answer. */
  keepsMetadata?: boolean;
}

const MAGIC = 'GGUF';
const DEFAULT_ALIGNMENT = 32;
/** ggml has no tensors of more (`GGML_MAX_DIMS`). */
const MAX_RANK = 4;
const MAX_NAME_BYTES = 65_535;
const MAX_NAME_CHARACTERS = 16 * 1024 * 1024;
/** A larger one would only hide bytes. */
const MAX_ALIGNMENT = 1024 * 1024;
/** Where ComfyUI-GGUF keeps the shape of a tensor that was flattened to be quantized. */
const ORIGINAL_SHAPE = 'comfy.gguf.orig_shape.';
const U32 = 4;
/** Ends of paddings that are compared in one go. */
const PADDING_STEP = 64 * 1024;

/** True where the bytes begin as a GGUF file. */
export function looksLikeGguf(source: ByteSource): boolean {
  return Buffer.from(source.read(0, 4)).toString('latin1') === MAGIC;
}

/**
 * Reads and checks a GGUF file of version 2 or 3, of either byte order, by every rule of the format: counts, lengths, UTF-8,
 * types of values, unique keys and names, and tensors that lie at aligned places of the data, with the size that type and
 * shape give, without overlap. Throws MalformedGguf with one sentence, and ContainerLimit where the header holds more than is
 * read. Bytes that belong to nothing are in `unused`.
 */
export function readGguf(source: ByteSource, options: GgufOptions = {}): GgufFile {
  const {
    maxBytes = DEFAULT_SCAN_LIMITS.headerBytes,
    maxTensors = DEFAULT_SCAN_LIMITS.headerTensors,
    maxEntries = DEFAULT_SCAN_LIMITS.headerEntries,
    maxValues = DEFAULT_SCAN_LIMITS.headerValues,
    deadline = Number.POSITIVE_INFINITY,
    onText,
    keepsMetadata = true,
  } = options;
  const reader = new GgufReader(source, maxBytes);
  const version = readVersion(source, reader);
  const tensorCount = reader.u64('The number of tensors');
  const entryCount = reader.u64('The number of metadata entries');
  if (tensorCount > maxTensors)
    throw new ContainerLimit(`The header contains more than ${maxTensors} tensors. It was not checked.`);
  if (entryCount > maxEntries)
    throw new ContainerLimit(`The header contains more than ${maxEntries} metadata entries. It was not checked.`);

  const values = new MetadataReader(reader, { maxValues, deadline, onText, keepsTexts: keepsMetadata });
  const metadata = new Map<string, string>();
  const shapes = new Map<string, number[]>();
  const keys = new Set<string>();
  let alignment = DEFAULT_ALIGNMENT;
  const names = new NameReader(reader);
  for (let index = 0; index < entryCount; index += 1) {
    const key = names.read('key');
    if (keys.has(key)) throw new MalformedGguf(`The metadata contains ${JSON.stringify(key)} twice.`);
    keys.add(key);
    const value = values.read(key);
    if (key === 'general.alignment') alignment = alignmentOf(value);
    if (key.startsWith(ORIGINAL_SHAPE)) shapes.set(key.slice(ORIGINAL_SHAPE.length), shapeOf(key, value));
    const text = textOf(value);
    if (keepsMetadata && text !== null) metadata.set(key, text);
  }

  const tensors: GgufTensor[] = [];
  const known = new Set<string>();
  for (let index = 0; index < tensorCount; index += 1) {
    const name = names.read('tensor');
    if (known.has(name)) throw new MalformedGguf(`The header contains the tensor ${JSON.stringify(name)} twice.`);
    known.add(name);
    tensors.push(readTensor(reader, name, alignment));
  }
  const headerEnd = reader.position;
  const dataStart = alignUp(headerEnd, alignment);
  for (const tensor of tensors) {
    tensor.start += dataStart;
    const shape = shapes.get(tensor.name);
    if (shape !== undefined) tensor.shape = originalShape(tensor, shape);
  }
  const unused = findUnused(source, tensors, headerEnd, alignment);
  return { version, bigEndian: !reader.littleEndian, alignment, metadata, tensors, dataStart, unused };
}

/** Version 1 had lengths of 32 bits; of later ones nothing is known yet. */
export function isGgufVersion(version: number): version is 2 | 3 {
  return version === 2 || version === 3;
}

/** The version that the file names, whatever it is. Null where the file ends before it. */
export function ggufVersion(source: ByteSource): number | null {
  const bytes = source.read(4, 4);
  if (bytes.length < 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(0, !isSwapped(view.getUint32(0, true)));
}

/** The byte order shows in the version alone, which is small: the mark is the same in both. */
function isSwapped(version: number): boolean {
  return version !== 0 && version % 0x10000 === 0;
}

function readVersion(source: ByteSource, reader: GgufReader): 2 | 3 {
  if (!looksLikeGguf(source)) throw new MalformedGguf('The file does not begin with GGUF.');
  reader.skip(MAGIC.length);
  if (isSwapped(reader.u32())) reader.littleEndian = false;
  const version = ggufVersion(source) ?? 0;
  if (!isGgufVersion(version))
    throw new MalformedGguf(`The file is GGUF version ${version}. Only versions 2 and 3 are supported.`);
  return version;
}

/** Keys and names of tensors. All of them are in memory. */
class NameReader {
  readonly #reader: GgufReader;
  #characters = 0;

  constructor(reader: GgufReader) {
    this.#reader = reader;
  }

  read(what: 'key' | 'tensor'): string {
    const label = what === 'key' ? 'A key of the metadata' : 'The name of a tensor';
    const bytes = this.#reader.text(() => label);
    if (bytes.length === 0) throw new MalformedGguf(`${label} is empty.`);
    if (bytes.length > MAX_NAME_BYTES) throw new MalformedGguf(`${label} is longer than ${MAX_NAME_BYTES} bytes.`);
    this.#characters += bytes.length;
    if (this.#characters > MAX_NAME_CHARACTERS)
      throw new ContainerLimit(`The names in the header are longer than ${MAX_NAME_CHARACTERS} bytes in total.`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }
}

/** `start` of the answer counts from the beginning of the data. */
function readTensor(reader: GgufReader, name: string, alignment: number): GgufTensor {
  const label = () => `The tensor ${JSON.stringify(name)}`;
  const rank = reader.u32();
  if (rank > MAX_RANK) throw new MalformedGguf(`${label()} has ${rank} dimensions. The format allows ${MAX_RANK}.`);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis += 1) shape.unshift(reader.u64('A dimension'));
  if (shape.includes(0)) throw new MalformedGguf(`${label()} has a dimension of 0.`);
  const number = reader.u32();
  const type = GGUF_TYPES.get(number);
  if (type === undefined) throw new MalformedGguf(`${label()} has an unknown type (${number}).`);
  const start = reader.u64('The place of a tensor');
  if (start % alignment !== 0) throw new MalformedGguf(`${label()} is not aligned to ${alignment} bytes.`);

  const block = ggufBlock(type);
  if ((shape.at(-1) ?? 1) % block.elements !== 0)
    throw new MalformedGguf(`${label()} has rows that are not a multiple of a block of ${type} (${block.elements}).`);
  const elements = shape.reduce((product, size) => product * size, 1);
  const bytes = (elements / block.elements) * block.bytes;
  if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(start + bytes))
    throw new MalformedGguf(`The shape of the tensor ${JSON.stringify(name)} is too large.`);
  return { name, type, shape, start, bytes };
}

function alignmentOf(value: GgufValue): number {
  const alignment = value.kind === 'number' && value.type === U32 ? Number(value.text) : Number.NaN;
  const isPowerOfTwo = alignment > 0 && (alignment & (alignment - 1)) === 0;
  if (!isPowerOfTwo || alignment > MAX_ALIGNMENT)
    throw new MalformedGguf('The alignment (general.alignment) is not a power of two.');
  return alignment;
}

function shapeOf(key: string, value: GgufValue): number[] {
  const sizes = value.kind === 'list' ? (value.items?.map(Number) ?? null) : null;
  if (sizes === null || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new MalformedGguf(`The value of ${JSON.stringify(key)} is not a shape.`);
  return sizes;
}

function originalShape({ name, shape }: GgufTensor, original: readonly number[]): number[] {
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  if (count(original) !== count(shape))
    throw new MalformedGguf(`The original shape of the tensor ${JSON.stringify(name)} has another number of elements.`);
  return [...original];
}

function textOf(value: GgufValue): string | null {
  if (value.kind !== 'list') return value.text;
  return value.items === null ? null : value.items.join(', ');
}

function alignUp(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}

/** Walks the tensors as they lie. Throws where two overlap, or where the file ends first. */
function findUnused(
  source: ByteSource,
  tensors: readonly GgufTensor[],
  headerEnd: number,
  alignment: number,
): GgufFile['unused'] {
  const unused: GgufFile['unused'] = [];
  let position = headerEnd;
  const pass = (until: number) => {
    const padded = Math.min(until, alignUp(position, alignment));
    const start = isZero(source, position, padded) ? padded : position;
    if (until > start) unused.push({ offset: start, bytes: until - start });
  };
  let isFirst = true;
  for (const { name, start, bytes } of [...tensors].sort((a, b) => a.start - b.start)) {
    if (!isFirst && start < position) throw new MalformedGguf(`The tensor ${JSON.stringify(name)} overlaps another.`);
    if (start + bytes > source.size)
      throw new MalformedGguf('The file ends before the end of its tensors. Probably an incomplete download.');
    pass(start);
    position = start + bytes;
    isFirst = false;
  }
  pass(source.size);
  return unused;
}

function isZero(source: ByteSource, start: number, end: number): boolean {
  for (let at = start; at < end; at += PADDING_STEP)
    if (source.read(at, Math.min(PADDING_STEP, end - at)).some((byte) => byte !== 0)) return false;
  return true;
}
