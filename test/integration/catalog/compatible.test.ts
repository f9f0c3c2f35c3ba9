import { afterAll, beforeAll, expect, it } from 'vitest';
import { editModel, findCompatible } from '../../../lib/catalog/index.ts';
import { db } from '../../../lib/db/index.ts';
import { refreshModel } from '../../../lib/ingest/index.ts';
import { stopQueue } from '../../../lib/jobs/index.ts';
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

it('lists the checkpoints for an adapter and the adapters for a checkpoint, of one base version alone', async () => {
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
    expect.stringMatching(/another line of fine-tunes/),
    expect.stringMatching(/predicts epsilon, the other v/),
  ]);
});

it('lists nothing for what has no base or stands alone, and follows what a person set', async () => {
  expect(await find('riddle', { ...owner })).toEqual({ rows: [], total: 0, role: 'adapter' });
  expect(await find('sharp')).toEqual({ rows: [], total: 0, role: null });
  await editModel({ ...owner, role: 'uploader' }, idOf('riddle'), { base: 'sd1' });
  expect(await names('riddle')).toEqual(['one']);
});

it('puts the most used first', async () => {
  await db().model.update({ where: { id: idOf('xl noob') }, data: { downloads: 9 } });
  expect((await find('style')).rows[0]?.name).toBe('xl noob');
});

it('shows nobody what they may not see', async () => {
  expect(await names('style', owner)).not.toContain('xl secret');
  await expect(find('xl secret')).rejects.toMatchObject({ code: 'not_found' });
});
