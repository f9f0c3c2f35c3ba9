import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import { splitIntoShards } from '#scanner/convert/index.ts';
import { identifyFile } from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse shards '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tensors of so many bytes, `t0`, `t1` and on. */
function writeModel(name: string, sizes: readonly number[]): string {
  const path = join(folder, name);
  const tensors = sizes.map((bytes, at) => ({
    name: `t${at}`,
    dtype: 'F16' as const,
    shape: [bytes / 2],
    data: 'zeros' as const,
  }));
  const metadata = { format: 'pt', 'modelspec.hash_sha256': '0xabc', sshs_model_hash: 'abc', sshs_legacy_hash: 'abc' };
  writeSafetensorsFile(path, { tensors, metadata });
  return path;
}

it.each<[number[], number, string[][] | null]>([
  [
    [8, 8, 8, 8],
    16,
    [
      ['t0', 't1'],
      ['t2', 't3'],
    ],
  ],
  [[8, 8, 8], 16, [['t0', 't1'], ['t2']]],
  [[8, 40, 8], 16, [['t1'], ['t0', 't2']]],
  [[40, 40], 16, [['t0'], ['t1']]],
  [[16, 2], 16, [['t0'], ['t1']]],
  [[8, 8], 16, null],
  [[40], 16, null],
])('%j in shards of %i bytes are %j', async (sizes, most, expected) => {
  const path = writeModel(`${sizes.join('-')}.safetensors`, sizes);
  const written = await splitIntoShards(path, most, (number) => `${path}.${number}`);
  expect(written?.shards.map(({ tensors }) => tensors) ?? null).toEqual(expected);
  if (written === null) return;
  expect(written.totalSize).toBe(sizes.reduce((sum, size) => sum + size, 0));
  for (const shard of written.shards) {
    using source = openFileSource(shard.path);
    const table = readTensorTable(source);
    expect([source.size, table.tensors.map(({ name }) => name)]).toEqual([shard.bytes, shard.tensors]);
    // Digests of the tensors of the whole are none of a shard's.
    expect([...table.metadata]).toEqual([['format', 'pt']]);
    expect(identifyFile(source).type).toBe('unknown');
  }
});
