import { afterAll, beforeAll, expect, it } from 'vitest';
import { editModel, findCompatible } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { refreshModel } from '#lib/ingest/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();
afterAll(stopQueue);

let owner: Awaited<ReturnType<typeof makeUser>>;
const ids = new Map<string, number>();
const idOf = (name: string) => ids.get(name) ?? 0;

interface Values {
  type: string;
  base: string;
  family?: string;
  prediction?: string;
  published?: boolean;
}

/** Enters a file and sets what the ingest would have found. */
async function add(name: string, { published = true, ...identity }: Values) {
  const { fileId } = await enterBytes(`${name}.safetensors`, Buffer.from(name), owner.id);
  const { version } = await db().modelFile.update({
    where: { id: fileId },
    data: { state: 'clean', identity: { ...identity } },
    include: { version: true },
  });
  await db().$transaction((tx) => refreshModel(tx, version.modelId));
  await db().model.update({ where: { id: version.modelId }, data: { published } });
  ids.set(name, version.modelId);
}

beforeAll(async () => {
  owner = await makeUser('uploader');
  await add('xl', { type: 'checkpoint', base: 'sdxl', prediction: 'epsilon' });
  await add('xl pony', { type: 'checkpoint', base: 'sdxl', family: 'pony', prediction: 'epsilon' });
  await add('xl noob', { type: 'checkpoint', base: 'sdxl', family: 'noobai', prediction: 'v' });
  await add('xl secret', { type: 'checkpoint', base: 'sdxl', published: false });
  await add('xl unet', { type: 'diffusion-model', base: 'sdxl' });
  await add('one', { type: 'checkpoint', base: 'sd1' });
  await add('style', { type: 'lora', base: 'sdxl', family: 'pony', prediction: 'epsilon' });
  await add('hands', { type: 'embedding', base: 'sd1' });
  await add('riddle', { type: 'lora', base: 'unknown' });
  await add('sharp', { type: 'upscaler', base: 'unknown' });
});

const find = (name: string, actor: typeof owner | null = null) => findCompatible(actor, idOf(name));
const names = async (name: string, actor: typeof owner | null = null) =>
  (await find(name, actor)).rows.map((row) => row.name).toSorted();

it('lists the checkpoints for an adapter and the adapters for a checkpoint, of one base model alone', async () => {
  expect(await names('style')).toEqual(['xl', 'xl noob', 'xl pony', 'xl unet']);
  expect(await names('xl')).toEqual(['style']);
  expect(await names('hands')).toEqual(['one']);
  expect(await names('one')).toEqual(['hands']);
  expect(await find('style')).toMatchObject({ role: 'adapter', total: 4 });
  expect(await find('xl')).toMatchObject({ role: 'host', total: 1 });
});

it('says where it loads and may still disappoint', async () => {
  const { rows } = await find('style');
  const warningsOf = (name: string) => rows.find((row) => row.name === name)?.warnings;
  expect(warningsOf('xl pony')).toEqual([]);
  expect(warningsOf('xl unet')).toEqual([]);
  expect(warningsOf('xl noob')).toEqual([
    expect.stringMatching(/trained on pony, the checkpoint is noobai/),
    expect.stringMatching(/trained with epsilon prediction, the checkpoint uses v/),
  ]);
});

it('lists nothing for what has no base or stands alone, and follows what a person set', async () => {
  expect(await find('riddle', { ...owner })).toEqual({ rows: [], total: 0, role: 'adapter' });
  expect(await find('sharp')).toEqual({ rows: [], total: 0, role: null });
  await editModel({ ...owner, role: 'uploader' }, idOf('riddle'), { base: 'sd1' });
  expect(await names('riddle')).toEqual(['one']);
});

it('compares a LoRA with a checkpoint layer by layer', async () => {
  const setTensors = (name: string, tensors: { name: string; dtype: string; shape: number[] }[]) =>
    db().modelFile.updateMany({ where: { version: { modelId: idOf(name) } }, data: { tensors } });
  const layer = 'input_blocks_4_1_transformer_blocks_0_attn2_to_k';
  await setTensors('style', [
    { name: `lora_unet_${layer}.lora_down.weight`, dtype: 'F16', shape: [4, 2048] },
    { name: `lora_unet_${layer}.lora_up.weight`, dtype: 'F16', shape: [640, 4] },
  ]);
  const key = 'model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight';
  await setTensors('xl', [{ name: key, dtype: 'F16', shape: [640, 2048] }]);
  await setTensors('xl pony', [{ name: key, dtype: 'F16', shape: [640, 768] }]);
  const { rows } = await find('style');
  const shareOf = (name: string) => rows.find((row) => row.name === name)?.share;
  expect([shareOf('xl'), shareOf('xl pony'), shareOf('xl unet')]).toEqual([1, 0, null]);
  expect(rows.find(({ name }) => name === 'xl pony')?.warnings).toEqual([expect.stringMatching(/little or no effect/)]);
  expect((await find('xl')).rows).toMatchObject([{ name: 'style', share: 1 }]);
});

it('puts the most used first', async () => {
  await db().model.update({ where: { id: idOf('xl noob') }, data: { downloads: 9 } });
  expect((await find('style')).rows[0]?.name).toBe('xl noob');
});

it('shows nobody what they may not see', async () => {
  expect(await names('style', owner)).not.toContain('xl secret');
  await expect(find('xl secret')).rejects.toMatchObject({ code: 'not_found' });
});
