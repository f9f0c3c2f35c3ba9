import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import { runInSandbox } from '#lib/ingest/index.ts';
import { cancelMerge, listMerges, MERGE_FORM, recoverMerges, requestMerge, runMerge } from '#lib/merges/index.ts';
import { boss, hasOpenJob } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser, publishModel } from '../../support/files.ts';
import { HANG_MS } from '../../support/limits.ts';

const { home } = await useTestEnvironment();
const MAIN = join(import.meta.dirname, '..', '..', '..', 'lib', 'cli', 'main.ts');
const scratch = join(home, 'scratch');

let owner: Actor;
let worker: Worker | undefined;
const ids: number[] = [];
beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  for (const seed of [1, 2]) {
    const path = join(home, 'large.safetensors');
    // Long enough to be in the middle of it for a while.
    const tensor = { name: 'model.diffusion_model.w', dtype: 'F32', shape: [12, 1024, 1024] } as const;
    writeSafetensorsFile(path, { tensors: [tensor], seed });
    const model = { name: `large-${seed}`, type: 'checkpoint', base: 'unknown', ownerId: owner.id };
    ids.push((await publishModel({ ...model, bytes: readFileSync(path) })).modelId);
  }
});
afterAll(() => worker?.stop());

const request = async (name: string) => {
  const [a, b] = ids;
  return (await requestMerge(owner, MERGE_FORM.parse({ kind: 'weighted-sum', name, a, b, weight: 0.5 }))).id;
};
const stateOf = async (id: number) => (await db().merge.findUniqueOrThrow({ where: { id } })).state;
const isWriting = (id: number) => existsSync(join(scratch, `merge-${id}`, 'merged.safetensors.part'));
const leftOver = () => (existsSync(scratch) ? readdirSync(scratch).filter((name) => name.startsWith('merge-')) : []);
const countFiles = () => db().modelFile.count();
const storedFiles = () =>
  readdirSync(join(home, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

/** A worker that is a process of its own, as it may run on any machine. */
function spawnWorker(): ChildProcess {
  return spawn(process.execPath, [MAIN, 'worker', '--kinds', 'merge'], { env: process.env, stdio: 'ignore' });
}

it('goes on with another worker when the one that had it was killed in the middle, and leaves nothing of the first', async () => {
  const id = await request('twice');
  const before = await countFiles();
  const stored = storedFiles();
  await db().$transaction(
    async (tx) => {
      // Nobody can enter a file meanwhile, so that however fast it writes it is killed before its end.
      await tx.$executeRaw`LOCK TABLE model_file IN SHARE MODE`;
      const killed = spawnWorker();
      await expect.poll(() => isWriting(id) || storedFiles() > stored, { interval: 5 }).toBe(true);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
    },
    { timeout: HANG_MS },
  );
  expect(await stateOf(id)).toBe('running');
  expect(await hasOpenJob('merge', { mergeId: id })).toBe(true);
  expect(await countFiles()).toBe(before);

  // The half minute after which a heartbeat is missed, and the wait before the next try, are over at once.
  await db().$executeRaw`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE name = 'merge'`;
  await (await boss()).supervise('merge');
  await db().$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'merge' AND state = 'retry'`;
  worker = await startWorker(['merge']);
  await expect.poll(() => stateOf(id)).toBe('done');
  expect(await countFiles()).toBe(before + 1);
  await expect.poll(leftOver).toEqual([]);
});

it('stops at once when it is cancelled in the middle, and enters nothing', async () => {
  let [files, stored, id] = [0, 0, 0];
  const isCancelled = async (turn: number) => {
    [files, stored, id] = [await countFiles(), storedFiles(), await request(`cancelled ${turn}`)];
    await expect.poll(async () => isWriting(id) || (await stateOf(id)) === 'done', { interval: 5 }).toBe(true);
    return await cancelMerge(owner, id).then(
      () => true,
      () => false,
    );
  };
  // One that came to its end before it could be cancelled says nothing.
  for (let turn = 1; !(await isCancelled(turn)); turn += 1) expect(await stateOf(id)).toBe('done');
  await expect.poll(() => hasOpenJob('merge', { mergeId: id })).toBe(false);
  expect((await listMerges(owner))[0]).toMatchObject({ id, state: 'cancelled', model: null });
  expect([await countFiles(), storedFiles()]).toEqual([files, stored]);
  expect(leftOver()).toEqual([]);
});

it('clears what a worker left that died in a merge which was cancelled or given up since', async () => {
  await worker?.stop();
  worker = undefined;
  const leave = async (state: 'cancelled' | 'running') => {
    const row = { ownerId: owner.id, name: 'left', kind: 'weighted-sum', request: { dtype: 'keep', parts: [] }, state };
    const { id } = await db().merge.create({ data: row });
    mkdirSync(join(scratch, `merge-${id}`), { recursive: true });
    writeFileSync(join(scratch, `merge-${id}`, 'merged.safetensors.part'), 'half');
    return id;
  };
  const tried = await leave('cancelled');
  await runMerge(tried, false);
  expect(leftOver()).toEqual([]);

  const [given, running] = [await leave('cancelled'), await leave('running')];
  expect(await recoverMerges()).toBe(0);
  expect(leftOver()).toEqual([`merge-${running}`]);
  expect(await stateOf(given)).toBe('cancelled');
  expect(await recoverMerges(new Date(Date.now() + 3_600_000))).toBe(1);
  expect(await stateOf(running)).toBe('failed');
  expect(leftOver()).toEqual([]);
});

it('keeps to a cancel that comes when all is written', async () => {
  const id = await request('late');
  const stored = storedFiles();
  const merging = db().$transaction(
    async (tx) => {
      // Nobody else sees this before the transaction ends, but whoever would change the merge waits for it.
      const merge = runMerge(id, true);
      await expect.poll(() => stateOf(id), { interval: 5 }).toBe('running');
      await tx.merge.update({ where: { id }, data: { state: 'cancelled', endedAt: new Date() } });
      await expect.poll(storedFiles).toBe(stored + 1);
      return { merge };
    },
    { timeout: HANG_MS },
  );
  await (await merging).merge;
  expect(await stateOf(id)).toBe('cancelled');
  expect(storedFiles()).toBe(stored);
  expect(leftOver()).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('says that the disk is full, and leaves nothing on it', async () => {
  const folder = join(home, 'full');
  mkdirSync(folder);
  const target = join(folder, 'merged.safetensors');
  // A device on which every write finds the disk full, in the place of the file that is being written.
  symlinkSync('/dev/full', `${target}.part`);
  const found = await db().modelFile.findMany({ where: { filename: { startsWith: 'large-' } } });
  const [a, b] = found.map(({ sourceSha256: sha256, filename }) => ({
    path: blobStore().pathOf(sha256),
    name: filename,
    sha256,
  }));
  const task = {
    stage: 'merge',
    request: { kind: 'weighted-sum', a, b, weight: 0.5 },
    target,
    name: 'x',
    metadata: {},
  };
  const readPaths = [a?.path ?? '', b?.path ?? ''];
  const running = runInSandbox(task, { readPaths, scratch: folder, memory: 2 ** 30, timeout: HANG_MS });
  await expect(running).rejects.toMatchObject({ code: 'crash', message: "The server's disk is full." });
  expect(readdirSync(folder)).toEqual([]);
});
