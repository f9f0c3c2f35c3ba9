import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import {
  cancelPreview,
  listProfiles,
  type PreviewWorker,
  planModel,
  recoverPreviews,
  renderAgain,
} from '#lib/previews/index.ts';
import { hasWaitingJobs, stopQueue } from '#lib/queue/index.ts';
import { RenderError } from '#lib/render/index.ts';
import { startWorker } from '#lib/worker/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import {
  createTestRenderer,
  makePlanned,
  previewsOf,
  useSmallProfiles,
  waitUntilAborted,
  workerOf,
} from './test-renderer.ts';

await useTestEnvironment();

let owner: Actor;
let admin: Actor;
const workers: PreviewWorker[] = [];
const startDrawing = (...given: Parameters<typeof workerOf>) => {
  const worker = workerOf(...given);
  workers.push(worker);
  return worker;
};
const drain = async (worker: PreviewWorker) => {
  let count = 0;
  while (await worker.runNext()) count += 1;
  return count;
};
const stateOf = async (sha256: string) => (await previewsOf(sha256))[0]?.state;

beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  await listProfiles(admin);
  await useSmallProfiles();
  return stopQueue;
});
afterEach(async () => {
  vi.useRealTimers();
  for (const worker of workers.splice(0)) await worker.close();
  for (const { id } of await db().model.findMany()) await deleteModel(admin, id);
  expect(await db().preview.count()).toBe(0);
});

it('takes what its loaded checkpoint can draw first, and lets the others have their turn after some', async () => {
  const bases = [];
  for (const base of ['sd1', 'sdxl']) bases.push(await makePlanned(owner, { type: 'checkpoint', base, name: base }));
  const order: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    const base = index % 2 === 0 ? 'sd1' : 'sdxl';
    await makePlanned(owner, { type: 'lora', base, name: `${base}-${index}` });
  }
  const renderer = createTestRenderer();
  const worker = startDrawing(renderer, { fairness: 4 });
  await drain(worker);
  for (const { checkpoint } of renderer.requests) order.push(checkpoint.name);
  // Six of each wait, in turns. Four of the loaded one in a row, then the oldest, which is of the other.
  const switches = order.filter((name, at) => at > 0 && order[at - 1] !== name).length;
  expect(order).toHaveLength(12);
  expect(order.slice(0, 5)).toEqual(['sd1', 'sd1', 'sd1', 'sd1', 'sdxl']);
  expect(switches).toBeLessThan(6);
  expect(renderer.opened).toBe(1);
});

it('gives two workers different previews, and each one once', async () => {
  for (let index = 0; index < 6; index += 1) await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderers = [createTestRenderer(), createTestRenderer()];
  await Promise.all(renderers.map((renderer) => drain(startDrawing(renderer))));
  const drawn = renderers.flatMap(({ requests }) => requests.map(({ checkpoint }) => checkpoint.name));
  expect(new Set(drawn).size).toBe(6);
  expect(drawn).toHaveLength(6);
});

it('stops in the middle when it is cancelled, and draws again when somebody asks', async () => {
  const { modelId, sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  renderer.before = (tile, signal) => (tile === 1 ? waitUntilAborted(signal) : undefined);
  const worker = startDrawing(renderer);
  const running = worker.runNext();
  await expect.poll(async () => (await previewsOf(sha256))[0]?.done).toBe(1);
  const [row] = await previewsOf(sha256);
  const stranger: Actor = { ...(await makeUser('uploader')), role: 'uploader' };
  await expect(cancelPreview(stranger, row?.id ?? 0)).rejects.toMatchObject({ code: 'forbidden' });
  await cancelPreview(owner, row?.id ?? 0);
  await running;
  expect(await stateOf(sha256)).toBe('cancelled');
  await expect(cancelPreview(owner, row?.id ?? 0)).rejects.toMatchObject({ code: 'conflict' });
  // A plan that says the same does not undo a person's word.
  await planModel(modelId);
  expect(await stateOf(sha256)).toBe('cancelled');

  renderer.before = () => {};
  await expect(renderAgain(stranger, modelId, '')).rejects.toMatchObject({ code: 'forbidden' });
  await renderAgain(owner, modelId, 'It was cancelled by mistake.');
  await drain(worker);
  expect(await stateOf(sha256)).toBe('done');
  const acts = await db().auditEntry.findMany({
    where: { subject: 'preview', subjectId: String(row?.id), actor: owner.id },
    orderBy: { id: 'asc' },
  });
  expect(acts.map(({ after }) => after)).toEqual([
    { state: 'cancelled' },
    { state: 'queued', reason: 'It was cancelled by mistake.' },
  ]);
});

it('goes on with another worker when one dies in the middle, and keeps what the dead one says no more', async () => {
  const { sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const dying = createTestRenderer();
  const { promise, resolve } = Promise.withResolvers<void>();
  dying.before = (tile) => (tile === 1 ? promise : undefined);
  // Its heart does not beat.
  const dead = startDrawing(dying, { heartbeatMs: 3_600_000 }).runNext();
  await expect.poll(async () => (await previewsOf(sha256))[0]?.done).toBe(1);
  const living = createTestRenderer();
  const worker = startDrawing(living);
  const lease = (seconds: number) =>
    db().preview.updateMany({ data: { leaseUntil: new Date(Date.now() + seconds * 1000) } });
  await lease(3600);
  expect(await worker.runNext()).toBe(false);
  await lease(-1);
  expect(await worker.runNext()).toBe(true);
  const [row] = await previewsOf(sha256);
  expect(row).toMatchObject({ state: 'done', attempt: 2, done: 2 });

  resolve();
  await dead;
  const [after] = await previewsOf(sha256);
  expect(after).toMatchObject({ state: 'done', attempt: 2, done: 2 });
});

it('gives up after three workers that died, and says so', async () => {
  const { sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const expire = () =>
    db().preview.updateMany({ data: { state: 'rendering', worker: 'gone', leaseUntil: new Date(Date.now() - 1000) } });
  await db().preview.updateMany({ data: { attempt: 2 } });
  await expire();
  expect(await recoverPreviews()).toBe(1);
  expect(await stateOf(sha256)).toBe('queued');
  expect(await hasWaitingJobs('preview')).toBe(true);
  await db().preview.updateMany({ data: { attempt: 3 } });
  await expire();
  expect(await startDrawing(createTestRenderer()).runNext()).toBe(false);
  expect(await recoverPreviews()).toBe(1);
  expect((await previewsOf(sha256))[0]).toMatchObject({ state: 'failed', code: 'crash', worker: null });
});

it.each([
  ['crash', 3],
  ['device_lost', 3],
  ['out_of_memory', 1],
  ['nan_output', 1],
  ['load_mismatch', 1],
  ['time_limit', 1],
] as const)('tries what ended with %s %i times in all', async (code, tries) => {
  const { sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  renderer.before = (tile) => {
    if (tile === 1) throw new RenderError(code, 'It went wrong.', { cause: new Error('the last words') });
  };
  const worker = startDrawing(renderer);
  // The clock stands, so that what is waited for can be read from it.
  vi.useFakeTimers({ toFake: ['Date'] });
  const waits = [];
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    expect(await worker.runNext()).toBe(true);
    const [row] = await previewsOf(sha256);
    waits.push(((row?.notBefore.getTime() ?? 0) - Date.now()) / 1000);
    await db().preview.updateMany({ data: { notBefore: new Date() } });
  }
  expect(await worker.runNext()).toBe(false);
  const [row] = await previewsOf(sha256);
  expect(row).toMatchObject({
    state: 'failed',
    code,
    message: 'It went wrong.',
    attempt: tries,
    done: 1,
    log: 'the last words',
  });
  if (tries === 3) expect(waits.slice(0, 2)).toEqual([10, 20]);
  // What was drawn is shown, and the grid keeps its shape.
  expect(row?.pictures.map(({ kind }) => kind)).toEqual(['tile', 'grid']);
});

it('draws it after all when it was a passing fault', async () => {
  const { sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  renderer.before = (tile) => {
    if (tile === 1 && renderer.requests.length === 1) throw new RenderError('device_lost', 'The device was lost.');
  };
  const worker = startDrawing(renderer);
  await worker.runNext();
  expect(await stateOf(sha256)).toBe('queued');
  await db().preview.updateMany({ data: { notBefore: new Date() } });
  await worker.runNext();
  expect((await previewsOf(sha256))[0]).toMatchObject({
    state: 'done',
    code: null,
    message: null,
    attempt: 2,
    done: 2,
  });
});

it('gives back what it has when it is stopped, as if it had never taken it', async () => {
  const { sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  renderer.before = (tile, signal) => (tile === 1 ? waitUntilAborted(signal) : undefined);
  const worker = startDrawing(renderer);
  const running = worker.runNext();
  await expect.poll(async () => (await previewsOf(sha256))[0]?.done).toBe(1);
  await worker.close();
  await running;
  expect((await previewsOf(sha256))[0]).toMatchObject({ state: 'queued', attempt: 0, worker: null, leaseUntil: null });
  expect(renderer.closed).toBe(1);
  expect(await worker.runNext()).toBe(false);
});

it('ends the renderer when nothing is left to draw, and opens another for the next', async () => {
  const renderer = createTestRenderer();
  const worker = startDrawing(renderer, { idleMs: 50 });
  await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  await drain(worker);
  await expect.poll(() => renderer.closed).toBe(1);
  await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  await drain(worker);
  expect(renderer.opened).toBe(2);
});

it('stops when the model is deleted in the middle, and leaves nothing of it', async () => {
  const { modelId, sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  renderer.before = (tile, signal) => (tile === 1 ? waitUntilAborted(signal) : undefined);
  const running = startDrawing(renderer).runNext();
  await expect.poll(async () => (await previewsOf(sha256))[0]?.done).toBe(1);
  await deleteModel(owner, modelId);
  await running;
  expect([await db().preview.count(), await db().picture.count(), await db().blob.count()]).toEqual([0, 0, 0]);
});

it('refuses files that are not converted any more, and lets what needs them wait', async () => {
  const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  const renderer = createTestRenderer();
  const worker = startDrawing(renderer);
  await drain(worker);
  const lora = await makePlanned(owner, { type: 'lora', base: 'sd1' });
  expect(await stateOf(lora.sha256)).toBe('queued');
  await deleteModel(owner, base.modelId);
  await worker.runNext();
  expect((await previewsOf(lora.sha256))[0]).toMatchObject({
    state: 'waiting_for_base',
    message: 'A file that the preview needs was deleted from the catalog.',
  });
  expect(renderer.requests).toHaveLength(1);
});

it('is woken by the queue itself', async () => {
  const { sha256 } = await makePlanned(owner, { type: 'upscaler', base: 'unknown' });
  expect(await stateOf(sha256)).toBe('not_applicable');
  const queue = await startWorker(['plan', 'preview']);
  try {
    // Nothing that can be drawn, so that no engine is opened: the signal is taken and the row left alone.
    const waiting = await makePlanned(owner, { type: 'lora', base: 'sd2' });
    expect(await stateOf(waiting.sha256)).toBe('waiting_for_base');
    await expect.poll(() => hasWaitingJobs('preview')).toBe(false);
    expect(await stateOf(waiting.sha256)).toBe('waiting_for_base');
  } finally {
    await queue.stop();
  }
});
