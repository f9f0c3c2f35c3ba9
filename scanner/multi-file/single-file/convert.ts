import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import {
  type ConversionReport,
  checkGrowth,
  DATA_DIGESTS,
  ElementReader,
  type IntendedTensor,
  modelSpecOf,
  type OutputTensor,
  planLayout,
  type Selection,
  SequentialWriter,
  selectTensors,
  verifyWritten,
  writeWhole,
} from '../../convert/index.ts';
import { sha256OfFile } from '../../hashes/index.ts';
import type { FileSource } from '../../source.ts';
import { identifyModel } from '../describe-model.ts';
import type { OpenModel } from '../open-model.ts';
import { type Piece, planSingleFile } from './plan.ts';

export interface SingleFileOptions extends Selection {
  /** Entries for the header, next to those that the shards agree on. */
  metadata?: Readonly<Record<string, string>>;
  /** Called with the share of the work done, 0 to 1. */
  onProgress?: (fraction: number) => void;
}

export interface SingleFileReport extends ConversionReport {
  /** SHA-256 of each file that was read, by its path in the folder. */
  sources: Record<string, string>;
  /** Components with weights that the file does not hold. */
  otherComponents: string[];
  /** Tensors that programs make themselves. */
  notWritten: string[];
}

/** The part of the work that is writing; the rest is reading it back. */
const WRITING = 0.7;
const SOURCES = 'weighhouse.sources';
const SHA256_LENGTH = 64;

/**
 * Writes the model as one safetensors file, in constant memory. A second reader compares every tensor in the file with the
 * digest of what was read: it appears whole and verified or not at all, and the same model gives the same bytes. Throws
 * ModelFolderError, ConversionError and VerificationError.
 */
export async function convertToSingleFile(
  model: OpenModel,
  target: string,
  { metadata: ownEntries = {}, onProgress, ...selection }: SingleFileOptions = {},
): Promise<SingleFileReport> {
  const identity = identifyModel(model);
  const plan = planSingleFile(model, identity);
  const { tensors, leftOut } = selectTensors(plan.table, selection);
  const metadata = new Map<string, string>([...plan.table.metadata, ['format', 'pt']]);
  const staleMetadata = DATA_DIGESTS.filter((key) => metadata.delete(key));
  const spec = selection.only === undefined ? modelSpecOf(identity) : {};
  for (const [key, value] of Object.entries(spec)) if (!metadata.has(key)) metadata.set(key, value);
  for (const [key, value] of Object.entries(ownEntries)) metadata.set(key, value);

  const files = new Map<FileSource, string>();
  for (const pieces of plan.piecesOf.values())
    for (const { source } of pieces) files.set(source, relative(model.folder.root, source.path).replaceAll(sep, '/'));
  const stop = new AbortController();
  const hashing = hashFiles(files, stop.signal);
  // Waited for below; until then a failure must not look like one that nobody hears of.
  hashing.catch(() => undefined);
  const sums = (digestOf: (path: string) => string) =>
    JSON.stringify(Object.fromEntries([...files.values()].sort().map((path) => [path, digestOf(path)])));
  metadata.set(
    SOURCES,
    sums(() => ' '.repeat(SHA256_LENGTH)),
  );
  const layout = planLayout(tensors, metadata);
  const bytes = layout.header.length + layout.dataBytes;
  checkGrowth(layout.dataBytes, { size: model.bytes });

  const readers = new Map<FileSource, ElementReader>();
  let sources: Record<string, string> = {};
  try {
    for (const source of files.keys()) readers.set(source, await ElementReader.open(source));
    await writeWhole(target, async (file, path) => {
      const writer = new SequentialWriter(file, (done) => onProgress?.((WRITING * done) / bytes));
      const intended: IntendedTensor[] = [];
      await writer.write(layout.header);
      for (const { tensor, begin, end } of layout.placements) {
        const sha256 = await copyTensor(tensor, plan.piecesOf.get(tensor.source) ?? [], readers, writer);
        const place = { begin: layout.header.length + begin, end: layout.header.length + end };
        if (writer.position !== place.end) throw new RangeError(`"${tensor.name}" ends at ${writer.position}.`);
        intended.push({ name: tensor.name, dtype: tensor.dtype, shape: tensor.source.shape, ...place, sha256 });
      }
      await writer.finish();
      sources = await hashing;
      metadata.set(
        SOURCES,
        sums((one) => sources[one] ?? ''),
      );
      const { header } = planLayout(tensors, metadata);
      await overwrite(file, header);
      await verifyWritten(
        path,
        { header, tensors: intended },
        { onProgress: (fraction) => onProgress?.(WRITING + (1 - WRITING) * fraction) },
      );
    });
  } finally {
    stop.abort();
    for (const reader of readers.values()) await reader[Symbol.asyncDispose]();
  }
  return {
    tensors: tensors.length,
    bytes,
    dropped: plan.table.nonTensors,
    leftOut,
    staleMetadata,
    saturated: [...readers.values()].reduce((sum, reader) => sum + reader.saturated, 0),
    shared: [],
    ema: plan.table.tensors.some(({ name }) => name.startsWith('model_ema.')),
    sources,
    otherComponents: plan.otherComponents,
    notWritten: plan.leftOut,
  };
}

/** Writes the pieces of one tensor one after the other, and gives the digest of them all. */
async function copyTensor(
  { name, dtype }: OutputTensor,
  pieces: readonly Piece[],
  readers: ReadonlyMap<FileSource, ElementReader>,
  writer: SequentialWriter,
): Promise<string> {
  const hash = createHash('sha256');
  for (const { source, tensor } of pieces) {
    const reader = readers.get(source);
    if (reader === undefined) throw new RangeError(`The file of "${name}" is not open.`);
    for await (const block of reader.read({ name, dtype, source: tensor })) {
      hash.update(block);
      await writer.write(block);
    }
  }
  return hash.digest('hex');
}

/** One after the other: each is read while it is copied, or before. */
async function hashFiles(files: ReadonlyMap<FileSource, string>, signal: AbortSignal): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const [source, path] of files) sums[path] = await sha256OfFile(source.path, signal);
  return sums;
}

/** Overwrites the beginning of a file. */
async function overwrite(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, done);
    done += bytesWritten;
  }
}
