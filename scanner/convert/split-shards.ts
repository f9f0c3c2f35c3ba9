import { createHash } from 'node:crypto';
import { openFileSource } from '../source.ts';
import { DTYPE_BYTES, readTensorTable } from '../tensors/index.ts';
import { DATA_DIGESTS } from './convert.ts';
import { type Placement, planLayout } from './layout.ts';
import { writeWhole } from './part-file.ts';
import { SequentialWriter } from './sequential-writer.ts';
import { type IntendedTensor, verifyWritten } from './verify-written.ts';

/** A shard that is written and read back. */
export interface WrittenShard {
  path: string;
  /** Size of the file. */
  bytes: number;
  sha256: string;
  tensors: string[];
}

export interface WrittenShards {
  shards: WrittenShard[];
  /** Bytes of all tensors, without the headers. */
  totalSize: number;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Copies the tensors of a safetensors file that this program wrote into several, of at most `maxBytes` of tensors each,
 * with its metadata. Shard `number`, from 1, is written to `pathOf(number)` and compared with what was copied. Null where
 * one file is enough. Throws ConversionError and VerificationError.
 */
export async function splitIntoShards(
  path: string,
  maxBytes: number,
  pathOf: (number: number) => string,
): Promise<WrittenShards | null> {
  using source = openFileSource(path);
  const table = readTensorTable(source);
  const metadata = new Map(table.metadata);
  // They are of the tensors of the whole.
  for (const key of DATA_DIGESTS) metadata.delete(key);
  const outputs = table.tensors.map((tensor) => ({ name: tensor.name, dtype: tensor.dtype, source: tensor }));
  const { placements, dataBytes } = planLayout(outputs, metadata);
  const groups = groupBySize(placements, maxBytes);
  if (groups.length < 2) return null;
  const shards: WrittenShard[] = [];
  for (const [at, group] of groups.entries()) {
    const target = pathOf(at + 1);
    const layout = planLayout(
      group.map(({ tensor }) => tensor),
      metadata,
    );
    let sha256 = '';
    await writeWhole(target, async (file, part) => {
      const writer = new SequentialWriter(file);
      const intended: IntendedTensor[] = [];
      await writer.write(layout.header);
      for (const { tensor, begin, end } of layout.placements) {
        const { storage, shape } = tensor.source;
        const start = storage.start + storage.offset * DTYPE_BYTES[tensor.dtype];
        const hash = createHash('sha256');
        for (let done = 0; done < end - begin; done += CHUNK_BYTES) {
          const bytes = source.read(start + done, Math.min(CHUNK_BYTES, end - begin - done));
          hash.update(bytes);
          await writer.write(bytes);
        }
        const place = { begin: layout.header.length + begin, end: layout.header.length + end };
        intended.push({ name: tensor.name, dtype: tensor.dtype, shape, ...place, sha256: hash.digest('hex') });
      }
      await writer.finish();
      sha256 = await verifyWritten(part, { header: layout.header, tensors: intended });
    });
    const bytes = layout.header.length + layout.dataBytes;
    shards.push({ path: target, bytes, sha256, tensors: layout.placements.map(({ tensor }) => tensor.name) });
  }
  return { shards, totalSize: dataBytes };
}

/** As huggingface_hub does: in order, as much as fits; a tensor that is larger than a shard has one of its own. */
function groupBySize(placements: readonly Placement[], maxBytes: number): Placement[][] {
  const groups: Placement[][] = [];
  let current: Placement[] = [];
  let size = 0;
  for (const placement of placements) {
    const bytes = placement.end - placement.begin;
    if (bytes > maxBytes) {
      groups.push([placement]);
      continue;
    }
    if (size + bytes > maxBytes) {
      groups.push(current);
      current = [];
      size = 0;
    }
    current.push(placement);
    size += bytes;
  }
  if (current.length > 0) groups.push(current);
  return groups;
}
