import type { FileHandle } from 'node:fs/promises';
import { identifyFile } from '../identify/index.ts';
import { openHandle } from '../opened-files.ts';
import { type Piece, plainBuffer, type ReadBuffer, readForwards } from '../read-forwards.ts';
import type { FileSource } from '../source.ts';
import { type NonTensor, readTensorTable, type Tensor, type TensorTable } from '../tensors/index.ts';
import { Casts } from './casts.ts';
import { ConversionError } from './errors.ts';
import { isContiguous, type OutputLayout, planLayout, writeHeader } from './layout.ts';
import { modelSpecOf } from './model-spec.ts';
import { writeWhole } from './part-file.ts';
import { PositionedWriter } from './positioned-writer.ts';
import { ElementReader } from './read-elements.ts';
import { type LeftOut, type OutputTensor, type Selection, selectTensors } from './select.ts';
import { StreamedTensors } from './streamed-tensors.ts';

export interface ConversionOptions extends Selection {
  /** Entries for `__metadata__`, next to `format: pt`, those the source already has, and what ModelSpec asks for. */
  metadata?: Readonly<Record<string, string>>;
  /**
   * Entries that are known only when everything is read (the source's SHA-256, worked out meanwhile), and how long they
   * are. `value` is asked for when `readInto` and `onSource` have had every byte.
   */
  lateMetadata?: Readonly<Record<string, { length: number; value: () => Promise<string> }>>;
  /** That of the source, where it was read already. */
  table?: TensorTable;
  /** Called with the size of the target before it is written. */
  onLayout?: (bytes: number) => void;
  /** The source is read into this memory, from the first byte to the last, and not only where tensors lie. */
  readInto?: ReadBuffer;
  /** Sees each piece of the source that was read, before it is copied. It holds until this returns. */
  onSource?: (piece: Piece) => void;
  /** Called with the share of bytes written, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /**
   * False where the caller calls `flushFile` before it trusts the target to outlive a power cut: it may verify the file
   * meanwhile. True otherwise.
   */
  flush?: boolean;
}

export interface ConversionReport {
  tensors: number;
  /** Size of the file written, in bytes. */
  bytes: number;
  /** What was in the source and is not in the target, because it is not a tensor. */
  dropped: NonTensor[];
  /** Tensors of the source that are not in the target, because the options say so. */
  leftOut: LeftOut[];
  /** Metadata of the source that is not in the target: digests of numbers that are others now. */
  staleMetadata: string[];
  /** Numbers that were too large for the type asked for, and became its largest. */
  saturated: number;
  /** Names of tensors that lay in one storage of the source, and have bytes of their own now. */
  shared: string[][];
  /** Weights kept twice for training (`model_ema.*`): true where the source has them. */
  ema: boolean;
}

/** What a GGUF file says of its own layout and of its vocabulary, which a safetensors file has not. */
const ABOUT_GGUF =
  /^(?:general\.(?:alignment|file_type|quantization_version)$|comfy\.gguf\.|split\.|tokenizer\.(?:ggml|chat_template))/;
/** A view may repeat one element without end; no honest file grows more than this. */
const MAX_GROWTH = 16;
/** What is written of a small file may be so large in any case: a bias expanded to a square is honest. */
const SMALL_OUTPUT = 64 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Digests of the tensor data, which writers put into the header. They do not hold for other data. */
export const DATA_DIGESTS = ['modelspec.hash_sha256', 'sshs_model_hash', 'sshs_legacy_hash'];

/**
 * Writes the tensors of `source` to `target` as safetensors, row-major and little-endian, in constant memory. The
 * target appears whole or not at all. The same source and options always give the same bytes.
 * Throws ConversionError where the file cannot be converted, and the errors of `readTensorTable`.
 */
export async function convertToSafetensors(
  source: FileSource,
  target: string,
  options: ConversionOptions = {},
): Promise<ConversionReport> {
  const table = options.table ?? readTensorTable(source);
  const { tensors, leftOut } = selectTensors(table, options);
  const metadata = new Map<string, string>([...table.metadata, ['format', 'pt']]);
  const staleMetadata = changesData(planLayout(tensors, metadata), leftOut)
    ? DATA_DIGESTS.filter((key) => metadata.delete(key))
    : [];
  staleMetadata.push(...[...metadata.keys()].filter((key) => ABOUT_GGUF.test(key) && metadata.delete(key)));
  // A part is no longer what the whole was found to be; what the source says of itself stays.
  const spec = options.only === undefined ? modelSpecOf(identifyFile(source, {}, table)) : {};
  for (const [key, value] of Object.entries(spec)) if (!metadata.has(key)) metadata.set(key, value);
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  const late = Object.entries(options.lateMetadata ?? {});
  for (const [key, { length }] of late) {
    metadata.set(key, ' '.repeat(length));
  }

  const layout = planLayout(tensors, metadata);
  checkGrowth(layout.dataBytes, source);
  const bytes = layout.header.length + layout.dataBytes;
  options.onLayout?.(bytes);
  const write = async (file: FileHandle, path: string) => {
    const onProgress = (done: number) => options.onProgress?.(done / bytes);
    const writer = await PositionedWriter.open(file, path, { size: bytes, onProgress });
    const count = await writeTensors(source, writer, layout, options);
    for (const [key, { value }] of late) metadata.set(key, await value());
    writer.write(writeHeader(layout.placements, metadata), 0);
    return count;
  };
  const saturated = await writeWhole(target, write, { flush: options.flush ?? true });

  return {
    tensors: tensors.length,
    bytes,
    dropped: table.nonTensors,
    leftOut,
    staleMetadata,
    saturated,
    shared: findShared(tensors),
    ema: table.tensors.some(({ name }) => name.startsWith('model_ema.')),
  };
}

/** Throws ConversionError where views would grow into more than any honest file holds. */
export function checkGrowth(bytes: number, source: { size: number }): void {
  if (bytes <= Math.max(source.size * MAX_GROWTH, SMALL_OUTPUT)) return;
  throw new ConversionError(
    'output-too-large',
    `The converted tensors would need ${bytes} bytes, more than ${MAX_GROWTH} times the file size.`,
  );
}

/** Whether the numbers are others than in the source, or stand in another order. */
function changesData({ placements }: OutputLayout, leftOut: readonly LeftOut[]): boolean {
  const start = placements[0]?.tensor.source.storage.start ?? 0;
  return (
    leftOut.length > 0 ||
    placements.some(({ tensor, begin }) => {
      const { dtype, shape, storage } = tensor.source;
      return tensor.dtype !== dtype || (!shape.includes(0) && storage.start - start !== begin);
    })
  );
}

/** Copies what lies in one run as the source is read from front to back, and then the views that do not. */
export async function writeTensors(
  source: FileSource,
  writer: PositionedWriter,
  { header, placements }: OutputLayout,
  { readInto, onSource }: Pick<ConversionOptions, 'readInto' | 'onSource'>,
): Promise<number> {
  const casts = new Casts();
  const streamed = new StreamedTensors(placements, header.length, writer, casts);
  {
    await using input = await openHandle(source.path);
    const pieces =
      readInto === undefined
        ? readForwards(input.file, plainBuffer(PIECE_BYTES), streamed.ranges())
        : readForwards(input.file, readInto);
    for await (const piece of pieces) {
      onSource?.(piece);
      streamed.take(piece);
    }
    streamed.finish();
  }
  await using reader = await ElementReader.open(source, casts);
  for (const { tensor, begin } of placements.filter(({ tensor }) => !isContiguous(tensor.source))) {
    let position = header.length + begin;
    for await (const block of reader.read(tensor)) {
      writer.write(block, position);
      position += block.length;
    }
  }
  return casts.saturated;
}

/** Groups of names whose tensors lie in the same storage. Empty tensors share nothing. */
export function findShared(tensors: readonly OutputTensor[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const { name, source } of tensors) {
    const { shape, storage }: Tensor = source;
    if (shape.includes(0)) continue;
    const names = groups.get(storage.start);
    if (names === undefined) groups.set(storage.start, [name]);
    else names.push(name);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}
