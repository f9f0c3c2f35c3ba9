import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel, editModel } from '#lib/catalog/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import {
  backfillPreviews,
  editPreviewSettings,
  editProfile,
  getModelPreviews,
  getPreviewQueue,
  getPreviewSettings,
  listProfiles,
  planModel,
  queueOutdated,
  resetProfile,
  SETTINGS_PATCH,
} from '#lib/previews/index.ts';
import { boss, hasWaitingJobs, stopQueue } from '#lib/queue/index.ts';
import { run as runPlan } from '#lib/worker/handlers/plan.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { createTestRenderer, makePlanned, previewsOf, workerOf } from './test-renderer.ts';

await useTestEnvironment();

let owner: Actor;
let admin: Actor;
beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  return stopQueue;
});
afterEach(async () => {
  for (const { id } of await db().model.findMany()) await deleteModel(admin, id);
  await db().setting.deleteMany({ where: { key: 'previews' } });
  await (await boss()).deleteAllJobs('plan');
});

const planned = async (sha256: string) => (await previewsOf(sha256))[0];
/** Works off the jobs for planning that wait, as a worker does. */
const runPlans = async () => {
  for (let round = 0; round < 10; round += 1) {
    const jobs = await (await boss()).fetch<{ modelId?: number; base?: string }>('plan', { batchSize: 50 });
    if (jobs.length === 0) return;
    for (const { id, data } of jobs) {
      await runPlan(data);
      await (await boss()).complete('plan', id);
    }
  }
};

describe('an adapter without a checkpoint of its base model', () => {
  it('waits, shown to people and administrators, and is drawn by itself once one arrives', async () => {
    const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
    const { current } = await getModelPreviews(null, lora.modelId);
    expect(current).toMatchObject({
      state: 'waiting_for_base',
      message: 'The catalog has no SD 1.x checkpoint for this preview yet. Rendering starts when one is uploaded.',
      tiles: [],
    });
    expect((await getPreviewQueue(admin)).missingBases).toEqual([{ base: 'sd1', count: 1 }]);
    await makePlanned(owner, { type: 'checkpoint', base: 'sdxl' });
    await runPlans();
    expect((await planned(lora.sha256))?.state).toBe('waiting_for_base');

    const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
    await runPlans();
    expect(await planned(lora.sha256)).toMatchObject({ state: 'queued', hostSha256: base.sha256 });
  });

  it.each([{ variant: 'inpaint' }, { variant: 'pix2pix' }, { absent: ['vae'] }])(
    'is not drawn on a checkpoint like %j',
    async (identity) => {
      await makePlanned(owner, { type: 'checkpoint', base: 'sd1', identity });
      const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
      expect((await planned(lora.sha256))?.state).toBe('waiting_for_base');
    },
  );

  it('is not drawn on one that could not be drawn itself for want of parts', async () => {
    const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
    await db().preview.updateMany({
      where: { sha256: base.sha256 },
      data: { state: 'failed', code: 'load_mismatch' },
    });
    const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
    expect((await planned(lora.sha256))?.state).toBe('waiting_for_base');
  });

  it('is not drawn on one that nobody published', async () => {
    const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
    await db().model.update({ where: { id: base.modelId }, data: { published: false } });
    const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
    expect((await planned(lora.sha256))?.state).toBe('waiting_for_base');
  });
});

describe('of several checkpoints', () => {
  it('takes the most used, one of the same family before others, and the named one before all', async () => {
    const plain = await makePlanned(owner, { type: 'checkpoint', base: 'sdxl', name: 'plain' });
    const used = await makePlanned(owner, { type: 'checkpoint', base: 'sdxl', name: 'used' });
    const pony = await makePlanned(owner, {
      type: 'checkpoint',
      base: 'sdxl',
      name: 'pony',
      identity: { family: 'pony' },
    });
    const other = await makePlanned(owner, {
      type: 'checkpoint',
      base: 'sdxl',
      name: 'other',
      identity: { family: 'illustrious' },
    });
    await db().model.update({ where: { id: used.modelId }, data: { downloads: 50 } });
    await db().model.update({ where: { id: other.modelId }, data: { downloads: 90 } });

    const lora = await makePlanned(owner, { type: 'lora', base: 'sdxl', identity: { family: 'pony' } });
    expect((await planned(lora.sha256))?.hostSha256).toBe(pony.sha256);
    await db().modelFile.update({ where: { id: pony.fileId }, data: { conversion: 'none' } });
    await planModel(lora.modelId);
    // The most used one is of another family, and the next has none that is known.
    expect((await planned(lora.sha256))?.hostSha256).toBe(used.sha256);

    await editPreviewSettings(admin, { reference: { base: 'sdxl', modelId: plain.modelId } });
    await planModel(lora.modelId);
    expect((await planned(lora.sha256))?.hostSha256).toBe(plain.sha256);
    const { bases } = await getPreviewSettings(admin);
    expect(bases.find(({ base }) => base === 'sdxl')).toMatchObject({
      renderer: 'engine',
      obstacle: null,
      reference: { id: plain.modelId },
      inUse: { id: plain.modelId },
    });
  });

  it('refuses a reference of another version, and what does not draw by itself, with a sentence', async () => {
    const other = await makePlanned(owner, { type: 'checkpoint', base: 'sdxl', name: 'large' });
    await expect(
      editPreviewSettings(admin, { reference: { base: 'sd1', modelId: other.modelId } }),
    ).rejects.toMatchObject({
      code: 'conflict',
      message: '“large” is SDXL. It cannot be the reference checkpoint of SD 1.x.',
    });
    const inpaint = await makePlanned(owner, { type: 'checkpoint', base: 'sd1', identity: { variant: 'inpaint' } });
    await expect(
      editPreviewSettings(admin, { reference: { base: 'sd1', modelId: inpaint.modelId } }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(editPreviewSettings(owner, { comfyUrl: null })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('refuses a LoRA of which no layer has a place there, until another reference is named', async () => {
    const layer = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q';
    const module = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
    const make = async (name: string, width: number) => {
      const made = await makePlanned(owner, { type: 'checkpoint', base: 'sd1', name });
      const tensors = [{ name: `${layer}.weight`, dtype: 'F16', shape: [width, width] }];
      await db().modelFile.update({ where: { id: made.fileId }, data: { tensors } });
      return made;
    };
    await make('narrow', 64);
    const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
    const tensors = [
      { name: `${module}.lora_down.weight`, dtype: 'F16', shape: [4, 320] },
      { name: `${module}.lora_up.weight`, dtype: 'F16', shape: [320, 4] },
    ];
    await db().modelFile.update({ where: { id: lora.fileId }, data: { tensors } });
    await planModel(lora.modelId);
    expect(await planned(lora.sha256)).toMatchObject({
      state: 'not_applicable',
      message: expect.stringMatching(/^Almost no layers match the reference checkpoint “narrow”/),
    });
    const wide = await make('wide', 320);
    await editPreviewSettings(admin, { reference: { base: 'sd1', modelId: wide.modelId } });
    await runPlans();
    expect(await planned(lora.sha256)).toMatchObject({ state: 'queued', hostSha256: wide.sha256 });
  });
});

it('draws later base versions as soon as a ComfyUI server is named', async () => {
  const flux = await makePlanned(owner, { type: 'checkpoint', base: 'flux1' });
  expect(await planned(flux.sha256)).toMatchObject({
    state: 'not_applicable',
    message: expect.stringContaining('set a ComfyUI address'),
  });
  await editPreviewSettings(admin, SETTINGS_PATCH.parse({ comfyUrl: 'http://name:secret@127.0.0.1:8188' }));
  await runPlans();
  expect(await planned(flux.sha256)).toMatchObject({ state: 'queued', renderer: 'comfyui', message: null });
  const entry = await db().auditEntry.findFirstOrThrow({
    where: { action: 'previews.settings' },
    orderBy: { id: 'desc' },
  });
  expect(JSON.stringify(entry.after)).toContain('127.0.0.1:8188');
  expect(JSON.stringify(entry.after)).not.toContain('secret');
  expect(SETTINGS_PATCH.safeParse({ comfyUrl: 'file:///etc/passwd' }).success).toBe(false);
});

it('plans what a person says a model is', async () => {
  const made = await makePlanned(owner, { type: 'unknown', base: 'unknown' });
  await editModel(owner, made.modelId, { type: 'checkpoint', base: 'sd1' });
  await runPlans();
  expect((await previewsOf(made.sha256)).map(({ state, profileId }) => [state, profileId])).toEqual([
    ['queued', 'sd1'],
  ]);
});

it('leaves no job for a worker where previews are off', async () => {
  const made = await makePlanned(owner, { type: 'unknown', base: 'unknown' });
  await (await boss()).deleteAllJobs('plan');
  config().previews = 'off';
  try {
    await editModel(owner, made.modelId, { type: 'checkpoint', base: 'sd1' });
    expect(await hasWaitingJobs('plan')).toBe(false);
  } finally {
    config().previews = 'auto';
  }
  await editModel(owner, made.modelId, { type: 'checkpoint', base: 'sdxl' });
  expect(await hasWaitingJobs('plan')).toBe(true);
});

it('finds what was converted before there were previews, and leaves what cannot be drawn alone', async () => {
  const made = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const upscaler = await makePlanned(owner, { type: 'upscaler', base: 'unknown' });
  await db().preview.deleteMany();
  expect(await backfillPreviews()).toBe(false);
  expect((await planned(made.sha256))?.state).toBe('queued');
  expect((await planned(upscaler.sha256))?.state).toBe('not_applicable');
  await db().modelFile.update({ where: { id: made.fileId }, data: { conversion: 'none', convertedSha256: null } });
  await db().preview.deleteMany({ where: { sha256: made.sha256 } });
  await backfillPreviews();
  expect(await previewsOf(made.sha256)).toEqual([]);
});

it('raises the version of a profile with every change, keeps what was drawn as stale, and draws anew when asked', async () => {
  const made = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const worker = workerOf(createTestRenderer());
  await worker.runNext();
  await worker.close();
  const [profile] = await listProfiles(admin);
  if (profile === undefined) throw new Error('There is no profile.');
  const { id, name: _, version, edited, updatedAt: __, ...form } = profile;
  expect([id, version, edited]).toEqual(['sd1', 1, false]);
  await expect(editProfile(owner, id, form)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await editProfile(admin, id, { ...form, steps: 3, seeds: [7] })).toMatchObject({
    version: 2,
    edited: true,
    steps: 3,
  });
  expect((await getModelPreviews(null, made.modelId)).current).toMatchObject({
    state: 'done',
    stale: true,
    profile: { version: 1 },
  });

  expect(await queueOutdated(admin)).toBe(1);
  await runPlans();
  const { current, older } = await getModelPreviews(null, made.modelId);
  expect(current).toMatchObject({ state: 'queued', stale: false, profile: { version: 2 }, total: 3 });
  expect(older).toMatchObject([{ state: 'done', stale: true, profile: { version: 1 } }]);
  expect(await resetProfile(admin, id)).toMatchObject({ version: 3, edited: false, steps: 25 });
  const edits = await db().auditEntry.findMany({ where: { action: 'preview-profile.edit' } });
  expect(edits).toHaveLength(2);
});
