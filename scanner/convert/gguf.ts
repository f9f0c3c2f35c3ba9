import type { FileHandle } from 'node:fs/promises';
import type { GgufType } from '../containers/index.ts';
import { identifyFile } from '../identify/index.ts';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, isBlockType, isQuantisedType, readTensorTable } from '../tensors/index.ts';
import { type ConversionReport, checkGrowth, DATA_DIGESTS, findShared, writeTensors } from './convert.ts';
import { ConversionError } from './errors.ts';
import { isCastable } from './float-formats.ts';
import { alignUp, type MetadataEntry, writeGgufHeader } from './gguf-header.ts';
import { countElements, type Placement } from './layout.ts';
import { writeWhole } from './part-file.ts';
import { PositionedWriter } from './positioned-writer.ts';
import { type OutputTensor, type Selection, selectTensors } from './select.ts';
import { compareTensors, type VerificationOptions } from './verify.ts';

/** Types that a GGUF file is written in: what programs compute with, and one that is half as large. */
export type GgufTarget = 'F32' | 'F16' | 'BF16' | 'Q8_0';

export interface GgufOptions extends Omit<Selection, 'dtype'> {
  /** Norms, biases and other small tensors become F32 whatever it says; what it cannot hold becomes F16. */
  dtype?: GgufTarget | undefined;
  onProgress?: (fraction: number) => void;
  /** As for `convertToSafetensors`. */
  flush?: boolean;
}

/** As llama.cpp and ComfyUI-GGUF do: vectors and tensors of no more elements are kept in singles. */
const SMALL_ELEMENTS = 1024;
const MAX_RANK = 4;
const KEPT: ReadonlySet<Dtype> = new Set<Dtype>(['F32', 'F16', 'BF16', 'F64', 'I8', 'I16', 'I32', 'I64']);
/** ggml's numbers for `general.file_type` (`llama.h`, `llama_ftype`). */
const FILE_TYPES: Readonly<Record<GgufTarget, number>> = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 };
const QUANTIZATION_VERSION = 2;

/** What ComfyUI-GGUF calls the architectures that it knows, by the beginning of our id of a base model. */
const ARCHITECTURES: readonly (readonly [base: RegExp, name: string])[] = [
  [/^flux/, 'flux'],
  [/^sd1/, 'sd1'],
  [/^sdxl/, 'sdxl'],
  [/^sd3/, 'sd3'],
  [/^auraflow/, 'aura'],
  [/^hidream/, 'hidream'],
  [/^cosmos/, 'cosmos'],
  [/^ltx-video/, 'ltxv'],
  [/^hunyuan-video/, 'hyvid'],
  [/^wan/, 'wan'],
  [/^lumina2/, 'lumina2'],
  [/^qwen-image/, 'qwen_image'],
];

/**
 * Writes the tensors of `source` to `target` as GGUF, in constant memory. The target appears whole or not at all; the
 * same source and options always give the same bytes. Throws ConversionError where the file cannot be converted, and the
 * errors of `readTensorTable`.
 */
export async function convertToGguf(
  source: FileSource,
  target: string,
  options: GgufOptions = {},
): Promise<ConversionReport> {
  const table = readTensorTable(source);
  const { tensors, leftOut } = selectForGguf(source, options);
  const placements: Placement[] = [];
  let position = 0;
  for (const tensor of tensors) {
    const begin = alignUp(position);
    position = begin + countElements(tensor.source.shape) * DTYPE_BYTES[tensor.dtype];
    placements.push({ tensor, begin, end: position });
  }
  checkGrowth(position, source);
  const stale = DATA_DIGESTS.filter((key) => table.metadata.has(key));
  const header = writeGgufHeader(
    entriesOf(source, tensors, options, new Set(stale), table.metadata),
    placements.map(({ tensor, begin }) => {
      const { name, source: from } = tensor;
      return { name, type: tensor.dtype as GgufType, shape: flattened(from.shape), offset: begin };
    }),
  );
  const bytes = header.length + alignUp(position);
  const write = async (file: FileHandle, path: string) => {
    const onProgress = (done: number) => options.onProgress?.(done / bytes);
    const writer = await PositionedWriter.open(file, path, { size: bytes, onProgress });
    const saturated = await writeTensors(source, writer, { header, placements, dataBytes: position }, {});
    writer.write(header, 0);
    return saturated;
  };
  const saturated = await writeWhole(target, write, { flush: options.flush ?? true });
  return {
    tensors: tensors.length,
    bytes,
    dropped: table.nonTensors,
    leftOut,
    staleMetadata: stale,
    saturated,
    shared: findShared(tensors),
    ema: table.tensors.some(({ name }) => name.startsWith('model_ema.')),
  };
}

/** Reads a GGUF file back and compares every tensor with its elements in `source`. Throws VerificationError. */
export async function verifyGguf(
  source: FileSource,
  target: string,
  options: GgufOptions & Pick<VerificationOptions, 'onProgress'> = {},
): Promise<{ tensors: number; bytes: number }> {
  const { tensors } = selectForGguf(source, options);
  using written = openFileSource(target);
  const entries = readTensorTable(written)
    .tensors.map(({ name, dtype, shape, storage: { start } }) => {
      return { name, dtype, shape, begin: start, end: start + countElements(shape) * DTYPE_BYTES[dtype] };
    })
    .sort((a, b) => a.begin - b.begin);
  return await compareTensors(source, tensors, written, entries, { onProgress: options.onProgress ?? (() => {}) });
}

function selectForGguf(source: FileSource, { dtype, ...selection }: GgufOptions): ReturnType<typeof selectTensors> {
  const { tensors, leftOut } = selectTensors(readTensorTable(source), selection);
  const chosen: OutputTensor[] = [];
  for (const tensor of tensors) {
    const type = typeOf(tensor, dtype);
    if (type !== null) chosen.push({ ...tensor, dtype: type });
    else if (selection.skipUnsupported === true)
      leftOut.push({ name: tensor.name, reason: 'unsupported', why: `GGUF has no data type ${tensor.dtype}.` });
    else
      throw new ConversionError(
        'tensor-refused',
        `The tensor "${tensor.name}" cannot be converted: GGUF has no data type ${tensor.dtype}.`,
      );
  }
  return { tensors: chosen, leftOut };
}

function typeOf({ source: { dtype, shape } }: OutputTensor, wanted: GgufTarget | undefined): Dtype | null {
  const isFloat = isCastable(dtype) || isBlockType(dtype) || isQuantisedType(dtype);
  if (!isFloat) return KEPT.has(dtype) ? dtype : null;
  if (wanted === undefined && isQuantisedType(dtype)) return 'F32';
  if (wanted === undefined) return KEPT.has(dtype) ? dtype : 'F16';
  if (shape.length < 2 || countElements(shape) <= SMALL_ELEMENTS) return 'F32';
  if (wanted !== 'Q8_0') return wanted;
  return shape.length === 2 && (shape.at(-1) ?? 0) % 32 === 0 ? 'Q8_0' : 'F16';
}

/** ggml has tensors of four dimensions: the first ones become one. */
function flattened(shape: readonly number[]): readonly number[] {
  if (shape.length <= MAX_RANK) return shape;
  const extra = shape.length - MAX_RANK + 1;
  return [countElements(shape.slice(0, extra)), ...shape.slice(extra)];
}

function entriesOf(
  source: FileSource,
  tensors: readonly OutputTensor[],
  { dtype }: GgufOptions,
  stale: ReadonlySet<string>,
  metadata: ReadonlyMap<string, string>,
): MetadataEntry[] {
  const { base } = identifyFile(source);
  const known = metadata.get('general.architecture') ?? ARCHITECTURES.find(([pattern]) => pattern.test(base))?.[1];
  const entries: MetadataEntry[] = known === undefined ? [] : [['general.architecture', 'text', known]];
  entries.push(['general.quantization_version', 'u32', QUANTIZATION_VERSION]);
  if (dtype !== undefined) entries.push(['general.file_type', 'u32', FILE_TYPES[dtype]]);
  for (const [key, value] of metadata)
    if (key !== '' && key !== 'format' && !stale.has(key) && !/^(?:general|comfy\.gguf)\./.test(key))
      entries.push([key, 'text', value]);
  for (const { name, source: from } of tensors)
    if (from.shape.length > MAX_RANK) entries.push([`comfy.gguf.orig_shape.${name}`, 'i32s', from.shape]);
  return entries;
}
