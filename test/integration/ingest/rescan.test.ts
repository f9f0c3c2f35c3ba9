import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SESSION_GRANT } from '#lib/accounts/index.ts';
import { readRescan } from '#lib/admin/index.ts';
import { findConverted, findOriginal } from '#lib/catalog/index.ts';
import { db, type Prisma } from '#lib/db/index.ts';
import { disarmFile, findOutdatedFile, rescanFile } from '#lib/ingest/index.ts';
import { boss, enqueue, hasOpenJob, hasWaitingJobs } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { run as runRescanJob } from '#lib/worker/handlers/rescan.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { RULES_VERSION } from '#scanner/report/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeGguf } from '../../fixtures/gguf.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';
import { waitFor } from '../../support/wait-for.ts';

await useTestEnvironment();

const OLD = '2020-01-01';
const numbers = Buffer.from(Float32Array.from({ length: 768 }, (_, index) => index / 7).buffer);
/** An embedding that differs from others by the name of its tensor. */
const embedding = (name: string, change: (pickle: Uint8Array) => Uint8Array = (pickle) => pickle) =>
  makeZip([
    {
      name: 'archive/data.pkl',
      bytes: change(
        makeStateDict([{ storage: 'FloatStorage', key: '0', elements: 768, name, shape: [1, 768], stride: [768, 1] }]),
      ),
    },
    { name: 'archive/data/0', bytes: numbers },
  ]);
/** `posix.system('echo harmless')` in front of the dictionary. */
const poison = (pickle: Uint8Array) =>
  Buffer.concat([
    pickle.subarray(0, 2),
    Buffer.from('cposix\nsystem\n(X\r\0\0\0echo harmlesstR0', 'latin1'),
    pickle.subarray(2),
  ]);
/** A safetensors with bytes that no tensor covers. */
function oddSafetensors(name = 'a'): Buffer {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype: 'F32', shape: [768], data_offsets: [0, 3072] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, numbers, Buffer.from('trailing')]);
}

let worker: Worker;
let owner: Awaited<ReturnType<typeof makeUser>>;
let moderator: Awaited<ReturnType<typeof makeUser>>;
beforeAll(async () => {
  owner = await makeUser('uploader');
  moderator = await makeUser('moderator');
  worker = await startWorker(['ingest', 'rescan']);
});
afterAll(() => worker.stop());

const load = (fileId: number) =>
  db().modelFile.findUniqueOrThrow({
    where: { id: fileId },
    include: { findings: true, runs: { orderBy: { id: 'asc' } }, version: { include: { model: true } } },
  });
type Row = Awaited<ReturnType<typeof load>>;

const waitForFile = (fileId: number, isDone: (file: Row) => boolean) => waitFor(() => load(fileId), isDone);

/** What older rules would have left in the catalog. */
const pretend = (fileId: number, data: Prisma.ModelFileUncheckedUpdateInput) =>
  db().modelFile.update({ where: { id: fileId }, data: { rules: OLD, ...data } });
const publishModel = (file: Row) =>
  db().model.update({ where: { id: file.version.modelId }, data: { published: true } });
const isNew = ({ rules }: Row) => rules === RULES_VERSION;
const rowsOf = (fileId: number) =>
  db().auditEntry.findMany({ where: { action: 'file.rescan', subjectId: String(fileId) } });
const isConverted = ({ conversion }: Row) => conversion === 'converted';
const viewer = {
  id: 'nobody',
  name: 'nobody',
  email: 'nobody@example.org',
  role: 'viewer' as const,
  grant: SESSION_GRANT,
};

async function enterConverted(name: string): Promise<number> {
  const { fileId } = await enterBytes(`${name}.pt`, embedding(name), owner.id);
  await waitForFile(fileId, isConverted);
  // Its job ends a moment later, and until then the file is in use.
  await expect.poll(() => hasOpenJob('ingest', { fileId })).toBe(false);
  return fileId;
}

it('leaves what the newer rules say the same of as it is, and judges it once', async () => {
  const fileId = await enterConverted('same');
  await pretend(fileId, {});
  await enqueue('rescan', {});
  const file = await waitForFile(fileId, isNew);

  expect(file).toMatchObject({ state: 'clean', conversion: 'converted' });
  expect(file.version.model.published).toBe(true);
  expect(await rescanFile(fileId)).toBe('unchanged');
  expect(await rowsOf(fileId)).toMatchObject([
    { before: { state: 'clean', rules: OLD }, after: { state: 'clean', rules: RULES_VERSION } },
  ]);
});

it('shuts the original of what was called clean and is dangerous, and keeps the tensors that were made of it', async () => {
  const { fileId } = await enterBytes('worse.pt', embedding('worse', poison), owner.id);
  await waitForFile(fileId, ({ state, identity }) => state === 'dangerous' && identity !== null);
  await disarmFile({ ...moderator, role: 'moderator' }, fileId);
  const { convertedSha256 } = await waitForFile(fileId, isConverted);
  await db().finding.deleteMany({ where: { fileId } });
  await pretend(fileId, { state: 'clean', disarmedAt: null, disarmedById: null });
  const before = await load(fileId);
  expect((await findOriginal(viewer, fileId)).sha256).toBe(before.sourceSha256);

  await enqueue('rescan', {});
  const file = await waitForFile(fileId, isNew);
  expect(file).toMatchObject({ state: 'dangerous', conversion: 'converted', convertedSha256 });
  expect(file.version.model).toMatchObject({ verdict: 'dangerous', published: true });
  expect(file.findings.map(({ call }) => call)).toContainEqual(expect.stringContaining("system('echo harmless')"));
  expect((await findConverted(viewer, file.versionId)).sha256).toBe(convertedSha256);
  await expect(findOriginal(viewer, fileId)).rejects.toThrow(/quarantine/);
  expect(await rowsOf(fileId)).toMatchObject([{ before: { state: 'clean' }, after: { state: 'dangerous' } }]);
});

it('takes a safetensors back whose own bytes are not clean any more', async () => {
  const { fileId } = await enterBytes('odd.safetensors', oddSafetensors(), owner.id);
  const { state: verdict, sourceSha256 } = await waitForFile(fileId, ({ rules }) => rules !== null);
  expect(verdict).not.toBe('clean');
  await pretend(fileId, { state: 'clean', conversion: 'converted', convertedSha256: sourceSha256 });
  await publishModel(await load(fileId));

  await enqueue('rescan', {});
  const file = await waitForFile(fileId, isNew);
  expect(file).toMatchObject({ state: verdict, conversion: 'none', convertedSha256: null });
  expect(file.version.model.published).toBe(false);
});

it('leaves a model published that has a GGUF, which is offered as it came', async () => {
  const tensor = { name: 'emb_params', type: 2, shape: [2, 768], data: Buffer.alloc(18 * 48, 0x3c) };
  const kept = await enterBytes('kept.gguf', makeGguf({ tensors: [tensor] }), owner.id);
  const { version, versionId } = await waitForFile(kept.fileId, ({ conversion }) => conversion === 'not_convertible');
  const { fileId } = await enterBytes('odder.safetensors', oddSafetensors('b'), owner.id);
  const { sourceSha256 } = await waitForFile(fileId, ({ rules }) => rules !== null);
  await pretend(fileId, { state: 'clean', conversion: 'converted', convertedSha256: sourceSha256, versionId });

  await enqueue('rescan', {});
  expect(await waitForFile(fileId, isNew)).toMatchObject({ convertedSha256: null });
  const rows = await db().modelVersion.findUniqueOrThrow({ where: { id: versionId }, include: { model: true } });
  expect(rows).toMatchObject({ modelId: version.modelId, publishedAt: expect.any(Date), model: { published: true } });
});

it('converts and publishes by itself what got better', async () => {
  const fileId = await enterConverted('better');
  await pretend(fileId, { state: 'suspicious', conversion: 'none', convertedSha256: null });
  await enqueue('rescan', {});
  const file = await waitForFile(fileId, isConverted);

  expect(file).toMatchObject({ state: 'clean', rules: RULES_VERSION });
  expect(file.version.model.published).toBe(true);
});

it('goes on with the next file when one was deleted meanwhile', async () => {
  const gone = await enterConverted('gone');
  const next = await enterConverted('next');
  await pretend(gone, {});
  const scan = rescanFile(gone);
  await db().modelFile.delete({ where: { id: gone } });
  expect(await scan).toBe('gone');

  await pretend(next, {});
  await enqueue('rescan', {});
  await waitForFile(next, isNew);
});

it('keeps the old verdict of what could not be read to its end, says so, and tries again a day later', async () => {
  const cut = await enterConverted('cut');
  const next = await enterConverted('after');
  const { sourceSha256 } = await load(cut);
  rmSync(blobStore().pathOf(sourceSha256));
  await pretend(cut, {});
  await pretend(next, {});
  await enqueue('rescan', {});
  await waitForFile(next, isNew);

  const file = await load(cut);
  expect(file).toMatchObject({ state: 'clean', rules: OLD, conversion: 'converted' });
  expect(file.runs.at(-1)).toMatchObject({ stage: 'scan', outcome: expect.not.stringMatching(/^ok$/) });
  expect(await findOutdatedFile()).toBeNull();
  expect(await findOutdatedFile(new Date(Date.now() + 25 * 3600 * 1000))).toBe(cut);
});

it('ends a run that a dead worker left without an end, and judges the file', async () => {
  const fileId = await enterConverted('crashed');
  const { id } = await db().stageRun.create({ data: { fileId, stage: 'scan', attempt: 9 } });
  await pretend(fileId, {});
  expect(await rescanFile(fileId)).toBe('unchanged');
  expect(await db().stageRun.findUniqueOrThrow({ where: { id } })).toMatchObject({ outcome: 'crash' });
  expect(await load(fileId)).toMatchObject({ rules: RULES_VERSION });
});

it('stands back while a fresh file waits, and comes back later', async () => {
  const fileId = await enterConverted('patient');
  // A job of the tests before that nobody has taken yet would stand where the later one is looked for.
  await expect.poll(() => hasWaitingJobs('rescan')).toBe(false);
  await worker.stop();
  await pretend(fileId, {});
  try {
    await enqueue('ingest', { fileId: 0 });
    await runRescanJob();
    expect(await load(fileId)).toMatchObject({ rules: OLD });
    const [later] = await (await boss()).findJobs('rescan', { queued: true });
    expect(later?.startAfter.getTime()).toBeGreaterThan(later?.createdOn.getTime() ?? Number.POSITIVE_INFINITY);
  } finally {
    worker = await startWorker(['ingest', 'rescan']);
  }
  await waitForFile(fileId, isNew);
});

it('tells administrators how far it is and which verdicts changed, and nobody else', async () => {
  const admin = { ...(await makeUser('admin')), role: 'admin' as const };
  const fileId = await enterConverted('shown');
  await pretend(fileId, { state: 'suspicious' });
  const before = await readRescan(admin);
  expect(before).toMatchObject({ rules: RULES_VERSION, judged: await db().modelFile.count() });
  expect(before.outdated).toBeGreaterThan(0);

  await rescanFile(fileId);
  const after = await readRescan(admin);
  expect(after.outdated).toBe(before.outdated - 1);
  expect(after.changes[0]).toMatchObject({ fileId, filename: 'shown.pt', before: 'suspicious', after: 'clean' });
  await expect(readRescan(viewer)).rejects.toThrow();
});
