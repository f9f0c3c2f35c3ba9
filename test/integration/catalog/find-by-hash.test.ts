import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { ingestFile } from '#lib/ingest/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { type Hashes, hashFile } from '#scanner/hashes/index.ts';
import { floats, makeTorchZip, pickle, tensor } from '../../fixtures/torch-file.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();
afterAll(stopQueue);

/** Large enough for AutoV1, which looks at the 64 KiB behind the first MiB. */
const ELEMENTS = 300_000;
const hashes: Record<'source' | 'converted', Hashes | null> = { source: null, converted: null };

beforeAll(async () => {
  const owner = await makeUser('uploader');
  const object = pickle.dict([[pickle.text('w'), tensor({ elements: ELEMENTS, shape: [ELEMENTS] })]]);
  const numbers = floats(Array.from({ length: ELEMENTS }, (_, i) => i));
  const { fileId } = await enterBytes('found.ckpt', Buffer.from(makeTorchZip(object, { 0: numbers })), owner.id);
  await enterBytes('other.ckpt', Buffer.from(makeTorchZip(object, { 0: numbers.reverse() })), owner.id);
  await ingestFile(fileId);
  const file = await db().modelFile.findUniqueOrThrow({ where: { id: fileId } });
  await db().model.updateMany({ data: { published: true } });
  hashes.source = await hashFile(blobStore().pathOf(file.sourceSha256));
  hashes.converted = await hashFile(blobStore().pathOf(file.convertedSha256 ?? ''));
});

const find = async (text: string) => {
  const { rows } = await searchModels(null, parseCatalogQuery(new URLSearchParams({ q: text })));
  return rows.map(({ name }) => name);
};

it.each(['source', 'converted'] as const)('finds a model by every hash of its %s file', async (which) => {
  const { sha256 = '', autov1, autov2 = '', autov3, blake3 = '', crc32 = '' } = hashes[which] ?? {};
  const reversed = Buffer.from(crc32, 'hex').reverse().toString('hex');
  const texts = [sha256, autov1 ?? '', autov2, autov3 ?? '', autov3?.slice(0, 12) ?? '', blake3, crc32, reversed];
  for (const text of [...texts, `AutoV3: ${autov3}`, reversed.toUpperCase()]) {
    expect(text).toMatch(/[0-9a-f]{8}/i);
    expect(await find(text), text).toEqual(['found']);
  }
});

it('finds nothing by the hash of no bytes, which some writers stamp on everything', async () => {
  expect(await find('e3b0c44298')).toEqual([]);
});
