import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { findConverted, getMetadata, getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { slimLayout, specsOf, writeSafeCheckpoint, writeSafetensorsFile } from '#lib/demo/index.ts';
import { cancelMerge, listMerges, MERGE_FORM, recoverMerges, requestMerge, runMerge } from '#lib/merges/index.ts';
import { boss } from '#lib/queue/index.ts';
import { readQuotaOf, setQuotaOf } from '#lib/quotas/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { readMergeGraph } from '#scanner/metadata/index.ts';
import { numbers, readMetadata, readNumbers, writeNumbers } from '../../fixtures/merge-files.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser, publishModel } from '../../support/files.ts';

const { home: folder } = await useTestEnvironment();
const asActor = async (role: 'viewer' | 'uploader'): Promise<Actor> => ({ ...(await makeUser(role)), role });

const TO_Q = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight';
const MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';

let worker: Worker | undefined;
let owner: Actor;
const models: Record<string, { modelId: number; fileId: number; sha256: string }> = {};

beforeAll(async () => {
  owner = await asActor('uploader');
  const at = (name: string) => join(folder, `${name}.safetensors`);
  writeSafeCheckpoint(at('day'), 'sd1', { seed: 1 });
  writeSafeCheckpoint(at('night'), 'sd1', { seed: 2 });
  writeSafeCheckpoint(at('large'), 'sdxl');
  writeSafetensorsFile(at('paint'), { tensors: specsOf(slimLayout('vae'), 'F16'), seed: 3 });
  writeNumbers(at('style'), {
    [`${MODULE}.lora_down.weight`]: numbers([1, 2], 1),
    [`${MODULE}.lora_up.weight`]: numbers([2, 1], 2),
  });
  const kinds = { day: 'checkpoint', night: 'checkpoint', large: 'checkpoint', paint: 'vae', style: 'lora' };
  for (const [name, type] of Object.entries(kinds)) {
    const base = name === 'large' ? 'sdxl' : name === 'paint' ? 'unknown' : 'sd1';
    models[name] = await publishModel({ name, type, base, bytes: readFileSync(at(name)), ownerId: owner.id });
  }
});
afterAll(() => worker?.stop());

const idOf = (name: string) => models[name]?.modelId ?? 0;
const blend = (changes: object = {}) =>
  MERGE_FORM.parse({ kind: 'weighted-sum', name: 'Dusk', a: idOf('day'), b: idOf('night'), weight: 0.25, ...changes });
const listStored = () =>
  readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
const stateOf = async (id: number) => (await db().merge.findUniqueOrThrow({ where: { id } })).state;

it('refuses what does not go together before anything is queued', async () => {
  await expect(requestMerge(await asActor('viewer'), blend())).rejects.toMatchObject({ code: 'forbidden' });
  await expect(requestMerge(null, blend())).rejects.toMatchObject({ code: 'not_signed_in' });
  await expect(requestMerge(owner, blend({ b: idOf('large') }))).rejects.toThrow('“day” is sd1 and “large” is sdxl');
  await expect(requestMerge(owner, blend({ b: idOf('paint') }))).rejects.toThrow(
    'has the type vae. Select a checkpoint',
  );
  await expect(requestMerge(owner, blend({ b: 999_999 }))).rejects.toMatchObject({ code: 'not_found' });
  expect(MERGE_FORM.safeParse({ ...blend(), weight: 9 }).success).toBe(false);
  expect(await db().merge.count()).toBe(0);
});

it('cancels a merge that waits, and leaves it to its owner', async () => {
  const { id } = await requestMerge(owner, blend());
  await expect(cancelMerge(await asActor('uploader'), id)).rejects.toMatchObject({ code: 'not_found' });
  await cancelMerge(owner, id);
  await runMerge(id, true);
  expect(await stateOf(id)).toBe('cancelled');
  await expect(cancelMerge(owner, id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await listMerges(await asActor('uploader'))).toEqual([]);
});

it('that has become too large for its owner fails at its end, says why, and leaves nothing', async () => {
  const admin: Actor = { ...(await makeUser('admin')), role: 'admin' };
  const { id } = await requestMerge(owner, blend());
  const { held } = await readQuotaOf(admin, owner.id);
  await setQuotaOf(admin, owner.id, { bytes: held.bytes + 1, files: null });
  const before = [await db().modelFile.count(), listStored()];
  await runMerge(id, false);
  await setQuotaOf(admin, owner.id, null);
  expect((await listMerges(owner))[0]).toMatchObject({
    id,
    state: 'failed',
    model: null,
    message: expect.stringMatching(/^Your account uses .* This needs .* more\. Delete what you do not need/),
  });
  expect([await db().modelFile.count(), listStored()]).toEqual(before);
  expect(existsSync(join(folder, 'scratch', `merge-${id}`))).toBe(false);
  expect((await readQuotaOf(admin, owner.id)).underWay.files).toBe(0);
});

it('bakes a LoRA and a VAE in', async () => {
  const form = MERGE_FORM.parse({
    kind: 'bake-loras',
    name: 'Styled',
    a: idOf('day'),
    loras: [{ id: idOf('style'), weight: 0.5 }],
    vae: idOf('paint'),
  });
  worker = await startWorker(['merge']);
  const { id } = await requestMerge(owner, form);
  await expect.poll(() => stateOf(id)).toBe('done');
  const { file } = await db().merge.findUniqueOrThrow({ where: { id }, include: { file: true } });
  const merge = readMergeGraph(readMetadata(blobStore().pathOf(file?.sourceSha256 ?? '')));
  expect(merge?.edges.map(({ role }) => role)).toEqual(['primary', 'lora', 'vae']);
});

it('says why a merge failed, and frees those whose workers died', async () => {
  const form = MERGE_FORM.parse({
    kind: 'weighted-sum',
    name: 'x',
    a: idOf('day'),
    b: idOf('night'),
    weight: 0.5,
    blocks: [1, 2],
  });
  const { id } = await requestMerge(owner, form);
  await expect.poll(() => stateOf(id)).toBe('failed');
  expect((await listMerges(owner))[0]?.message).toContain('takes 25 block weights');

  const request = { dtype: 'keep', weight: 1, blocks: null, parts: [] };
  const lost = await db().merge.create({
    data: { ownerId: owner.id, name: 'lost', kind: 'weighted-sum', request, state: 'running' },
  });
  expect(await recoverMerges()).toBe(0);
  expect(await recoverMerges(new Date(Date.now() + 3_600_000))).toBe(1);
  expect(await stateOf(lost.id)).toBe('failed');
});

it('makes a model of two, which is scanned and identified and shows its lineage both ways', async () => {
  const { id } = await requestMerge(owner, blend({ dtype: 'f32' }));
  // What the tests before made waits for its ingest, which nobody asks about.
  await (await boss()).deleteQueuedJobs('ingest');
  await startWorker(['ingest']);
  await expect.poll(() => stateOf(id)).toBe('done');
  const [view] = await listMerges(owner);
  expect(view).toMatchObject({ id, state: 'done', progress: 1, name: 'Dusk', message: null });
  const modelId = view?.model?.id ?? 0;
  const load = async () => await getModel(owner, modelId);
  await expect.poll(async () => (await load())?.versions[0]?.files[0]?.conversion).toBe('converted');
  const model = await load();
  expect(model).toMatchObject({ name: 'Dusk', base: 'sd1', type: 'checkpoint', verdict: 'clean', published: true });

  const file = model?.versions[0]?.files[0];
  const { sha256 } = await findConverted(owner, model?.versions[0]?.id ?? 0);
  const at = (hash: string | undefined) => readNumbers(blobStore().pathOf(hash ?? ''))[TO_Q]?.values ?? [];
  const [day, night] = [at(models.day?.sha256), at(models.night?.sha256)];
  expect(day).not.toEqual(night);
  expect(at(sha256)).toEqual(
    day.map((value, index) => Math.fround(0.75 * value + 0.25 * (night[index] ?? Number.NaN))),
  );

  const { merge } = await getMetadata(owner, file?.id ?? 0);
  expect(merge?.nodes.flatMap((node) => node.model?.name ?? [])).toEqual(['day', 'night']);
  const { usedIn } = await getMetadata(owner, models.day?.fileId ?? 0);
  expect(usedIn).toMatchObject([{ id: modelId, name: 'Dusk' }]);
  const trail = await db().auditEntry.findMany({
    where: { subject: 'merge', subjectId: String(id) },
    orderBy: { id: 'asc' },
  });
  expect(trail.map(({ action }) => action)).toEqual(['merge.request', 'merge.state', 'merge.state']);
});

it('knows what a model was used in when it is uploaded after what was made from it', async () => {
  const at = (name: string) => join(folder, `${name}.safetensors`);
  const names = ['early', 'late'];
  const bytes = names.map((name, seed) => {
    writeSafeCheckpoint(at(name), 'sd1', { seed: 7 + seed });
    return readFileSync(at(name));
  });
  const [first = '', second = ''] = bytes.map((one) => createHash('sha256').update(one).digest('hex'));
  const hashes = { primary_model_hash: first, secondary_model_hash: second.toUpperCase() };
  const recipe = JSON.stringify({ interp_method: 'Weighted sum', multiplier: 0.5, ...hashes });
  writeNumbers(at('child'), { [TO_Q]: numbers([2, 2], 1) }, { sd_merge_recipe: recipe });
  const { fileId } = await enterBytes('child.safetensors', readFileSync(at('child')), owner.id);
  const lineage = async () => (await getMetadata(owner, fileId)).merge?.nodes.map(({ model }) => model?.name ?? null);
  await expect.poll(lineage).toEqual([null, null, null]);

  for (const [index, name] of names.entries()) {
    const model = { name, type: 'checkpoint', base: 'sd1', ownerId: owner.id, bytes: bytes[index] ?? Buffer.alloc(0) };
    const parent = await publishModel(model);
    expect((await getMetadata(owner, parent.fileId)).usedIn).toMatchObject([{ name: 'child' }]);
  }
  expect(await lineage()).toEqual([null, 'early', 'late']);
});
