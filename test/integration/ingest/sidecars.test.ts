import { expect, it } from 'vitest';
import { db } from '#lib/db/index.ts';
import { ingestFile } from '#lib/ingest/index.ts';
import { storeSidecar } from '#lib/sidecars/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();

/** A LoRA of a layer that SD 1.x, SD 2.x and SDXL have alike: its weights tell no base. */
function openLora(rank: number): Buffer {
  const data = Buffer.alloc(rank * 1280 * 4, 1);
  const header = Buffer.from(
    JSON.stringify({
      'lora_unet_mid_block_attentions_0_proj_out.lora_down.weight': {
        dtype: 'F32',
        shape: [rank, 1280],
        data_offsets: [0, data.length],
      },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

const record = (filename: string, baseModel: string, ownerId: string) =>
  db().$transaction((tx) =>
    storeSidecar(tx, {
      filename,
      mediaType: 'application/json',
      content: Buffer.from(JSON.stringify({ baseModel })),
      ownerId,
    }),
  );
const load = (fileId: number) =>
  db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: { include: { model: true } } } });

it('takes the base that the weights leave open from the record beside the file, whichever came first', async () => {
  const owner = await makeUser('uploader');
  await record('early.civitai.info', 'SD 1.5', owner.id);
  const early = await enterBytes('early.safetensors', openLora(1), owner.id);
  const late = await enterBytes('late.safetensors', openLora(2), owner.id);
  for (const { fileId } of [early, late]) await ingestFile(fileId);

  const first = await load(early.fileId);
  expect(first.version.model).toMatchObject({
    type: 'lora',
    typeSource: 'weights',
    base: 'sd1',
    baseSource: 'sidecar',
  });
  expect(first.identity).toMatchObject({
    evidence: expect.arrayContaining([
      { field: 'base', source: 'sidecar', detail: 'early.civitai.info: baseModel = SD 1.5' },
    ]),
  });
  expect((await load(late.fileId)).version.model).toMatchObject({ base: 'unknown' });

  const jobs = async () => await db().$queryRaw<{ data: object }[]>`SELECT data FROM pgboss.job WHERE name = 'ingest'`;
  const before = (await jobs()).length;
  expect(await record('late.civitai.info', 'Pony', owner.id)).toMatchObject({ fileId: late.fileId });
  const queued = await jobs();
  expect(queued).toHaveLength(before + 1);
  expect(queued.map(({ data }) => data)).toContainEqual({ fileId: late.fileId, identify: true });
  await ingestFile(late.fileId, { identifyAgain: true });
  expect((await load(late.fileId)).version.model).toMatchObject({
    base: 'sdxl',
    baseSource: 'sidecar',
    family: 'pony',
  });
});
