import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, type NonTensor, readTensorTable } from '../tensors/index.ts';
import { type ConversionReport, checkGrowth, findShared } from './convert.ts';
import { ConversionError, VerificationError } from './errors.ts';
import { countElements } from './layout.ts';
import { writeWhole } from './part-file.ts';
import { ElementReader } from './read-elements.ts';
import { type OutputTensor, type Selection, selectTensors } from './select.ts';
import { SequentialWriter } from './sequential-writer.ts';
import { type KeyedTensor, pickleStateDict, whyNotInTorch } from './state-dict-pickle.ts';
import { compareTensors, type VerificationOptions } from './verify.ts';
import { centralHeader, dataDescriptor, endRecords, localHeader, type StoredMember } from './zip-records.ts';

export interface TorchZipOptions extends Selection {
  /** Called with the share of bytes written, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** As for `convertToSafetensors`. */
  flush?: boolean;
}

export type TorchZipReport = ConversionReport;

/** Names by which programs know a whole checkpoint, which they expect inside `state_dict`. */
const CHECKPOINT_NAME = /^(?:model\.diffusion_model|first_stage_model|cond_stage_model|conditioner)\./;
/** The folder in the archive. A fixed one, so that the bytes do not hang on the file's name. */
const ROOT = 'archive';

/**
 * Writes the tensors of `source` to `target` as `torch.save` of PyTorch 2.1 and later does, for tools that read nothing
 * else: a plain dict of tensors, in `{'state_dict': …}` for a checkpoint, with nothing in it that could run. The target
 * appears whole or not at all; the same source and options always give the same bytes.
 * The metadata of a safetensors source has no place in such a file, and is listed in `dropped`.
 * Throws ConversionError where the file cannot be converted, and the errors of `readTensorTable`.
 */
export async function convertToTorchZip(
  source: FileSource,
  target: string,
  options: TorchZipOptions = {},
): Promise<TorchZipReport> {
  const table = readTensorTable(source);
  const { tensors, leftOut } = selectTensors(table, options);
  for (const tensor of tensors) {
    const reason = whyNotInTorch(tensor);
    if (reason !== null)
      throw new ConversionError('tensor-refused', `The tensor "${tensor.name}" cannot be converted: ${reason}`);
  }
  const keyed = tensors.map((tensor, index): KeyedTensor => ({ tensor, key: String(index), bytes: sizeOf(tensor) }));
  const total = keyed.reduce((sum, { bytes }) => sum + bytes, 0);
  checkGrowth(total, source);
  const wrapped = tensors.some(({ name }) => CHECKPOINT_NAME.test(name));
  const pickle = pickleStateDict(keyed, wrapped);

  const write = async (file: FileHandle) => {
    await using reader = await ElementReader.open(source);
    const writer = new SequentialWriter(file, (done) => options.onProgress?.(Math.min(1, done / Math.max(1, total))));
    const archive = new Archive(writer);
    await archive.add('data.pkl', pickle.length, [pickle]);
    await archive.add('byteorder', 6, [Buffer.from('little')]);
    for (const { tensor, key, bytes: size } of keyed) await archive.add(`data/${key}`, size, reader.read(tensor));
    await archive.add('version', 2, [Buffer.from('3\n')]);
    await archive.finish();
    return { bytes: writer.position, saturated: reader.saturated };
  };
  const { bytes, saturated } = await writeWhole(target, write, { flush: options.flush ?? true });

  return {
    tensors: tensors.length,
    bytes,
    dropped: [...table.nonTensors, ...listMetadata(table.metadata)],
    leftOut,
    staleMetadata: [],
    saturated,
    shared: findShared(tensors),
    ema: table.tensors.some(({ name }) => name.startsWith('model_ema.')),
  };
}

/**
 * Reads a torch zip back and compares every tensor with its elements in `source`, with none of the code that copied
 * them. Throws VerificationError at the first difference.
 */
export async function verifyTorchZip(
  source: FileSource,
  target: string,
  options: Omit<VerificationOptions, 'readInto' | 'tags'> = {},
): Promise<{ tensors: number; bytes: number }> {
  const { tensors } = selectTensors(readTensorTable(source), options);
  using written = openFileSource(target);
  const table = readTensorTable(written);
  const [refused] = table.refused;
  if (refused !== undefined) {
    throw new VerificationError(`The tensor "${refused.name}" cannot be read back: ${refused.reason}`, refused.name);
  }
  const entries = table.tensors
    .map(({ name, dtype, shape, storage }) => {
      const begin = storage.start + storage.offset * DTYPE_BYTES[dtype];
      return { name, dtype, shape, begin, end: begin + countElements(shape) * DTYPE_BYTES[dtype] };
    })
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  return await compareTensors(source, tensors, written, entries, options);
}

function sizeOf({ dtype, source }: OutputTensor): number {
  return countElements(source.shape) * DTYPE_BYTES[dtype];
}

function listMetadata(metadata: ReadonlyMap<string, string>): NonTensor[] {
  return [...metadata].map(([key, value]) => ({ name: key, summary: `metadata, text of ${value.length} characters` }));
}

class Archive {
  readonly #writer: SequentialWriter;
  readonly #members: StoredMember[] = [];

  constructor(writer: SequentialWriter) {
    this.#writer = writer;
  }

  async add(path: string, size: number, blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const name = `${ROOT}/${path}`;
    const offset = this.#writer.position;
    await this.#writer.write(localHeader(name, size, offset));
    let crc = 0;
    for await (const block of blocks) {
      crc = crc32(block, crc);
      await this.#writer.write(block);
    }
    const member = { name, size, crc, offset };
    await this.#writer.write(dataDescriptor(member));
    this.#members.push(member);
  }

  async finish(): Promise<void> {
    const start = this.#writer.position;
    for (const member of this.#members) await this.#writer.write(centralHeader(member));
    await this.#writer.write(endRecords(this.#members.length, start, this.#writer.position - start));
    await this.#writer.finish();
  }
}
