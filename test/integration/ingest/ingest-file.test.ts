import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SESSION_GRANT } from '#lib/accounts/index.ts';
import { getFileReport, getModel } from '#lib/catalog/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { disarmFile, retryFile } from '#lib/ingest/index.ts';
import { findSandboxUser } from '#lib/process/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/source.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makePolyglots } from '../../fixtures/polyglots.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';
import { watchStageUsers } from '../../support/stage-users.ts';
import { waitFor } from '../../support/wait-for.ts';

await useTestEnvironment();

const tensor = {
  storage: 'FloatStorage',
  key: '0',
  elements: 1536,
  name: 'emb_params',
  shape: [2, 768],
  stride: [768, 1],
};
const numbers = Buffer.from(Float32Array.from({ length: 1536 }, (_, index) => index / 7).buffer);
const embedding = (pickle: Uint8Array, values = numbers) =>
  makeZip([
    { name: 'archive/data.pkl', bytes: pickle },
    { name: 'archive/data/0', bytes: values },
  ]);
/** A call that would print, in front of the dictionary: `posix.system('echo harmless')`, popped. */
const poison = (pickle: Uint8Array) =>
  Buffer.concat([
    pickle.subarray(0, 2),
    Buffer.from('cposix\nsystem\n(X\r\0\0\0echo harmlesstR0', 'latin1'),
    pickle.subarray(2),
  ]);

let worker: Worker;
let owner: Awaited<ReturnType<typeof makeUser>>;
let moderator: Awaited<ReturnType<typeof makeUser>>;
beforeAll(async () => {
  owner = await makeUser('uploader');
  moderator = await makeUser('moderator');
  worker = await startWorker(['ingest']);
});
afterAll(() => worker.stop());

type Row = Awaited<ReturnType<typeof load>>;
const load = (fileId: number) =>
  db().modelFile.findUniqueOrThrow({
    where: { id: fileId },
    include: {
      findings: true,
      runs: { orderBy: { id: 'asc' } },
      source: true,
      converted: true,
      version: { include: { model: true } },
    },
  });

const waitForFile = (fileId: number, isDone: (file: Row) => boolean) => waitFor(() => load(fileId), isDone);

it('takes a clean file from quarantine to a verified, published safetensors', async () => {
  const { fileId } = await enterBytes('My_Style.pt', embedding(makeStateDict([tensor])), owner.id);
  const file = await waitForFile(fileId, ({ conversion }) => conversion === 'converted');

  expect(file.state).toBe('clean');
  expect(file.version.model).toMatchObject({
    name: 'My Style',
    type: 'embedding',
    base: 'sd1',
    verdict: 'clean',
    published: true,
  });
  expect(file.runs.map(({ stage, outcome, progress }) => [stage, outcome, progress])).toEqual(
    ['hash', 'scan', 'identify', 'convert', 'verify'].map((stage) => [stage, 'ok', 1]),
  );
  expect(file.source.blake3).toMatch(/^[0-9a-f]{64}$/);
  const bytes = readFileSync(blobStore().pathOf(file.convertedSha256 ?? ''));
  const { header, dataStart } = readSafetensorsHeader(bytesSource(bytes));
  expect([...header.keys()]).toEqual(['emb_params']);
  expect(bytes.subarray(dataStart)).toEqual(numbers);
  // It is gone a moment after the file is converted.
  await expect.poll(() => existsSync(join(config().home, 'scratch', String(fileId)))).toBe(false);
});

it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'has its stages become nobody where the service runs as root',
  async () => {
    const { user } = await findSandboxUser();
    using users = watchStageUsers();
    // Hashed for long enough to be seen.
    const { fileId } = await enterBytes('long.bin', Buffer.alloc(128 * 2 ** 20), owner.id);
    await waitForFile(fileId, ({ state }) => state !== 'quarantined' && state !== 'scanning');
    const four = (id: number | undefined) => Array(4).fill(id).join('\t');
    expect([...users.seen.values()]).toContain(`${four(user?.uid)} / ${four(user?.gid)} / `);
  },
);

it('writes an audit row for every change of state', async () => {
  const { fileId } = await enterBytes(
    'audited.pt',
    embedding(makeStateDict([{ ...tensor, offset: 768, shape: [1, 768] }])),
    owner.id,
  );
  await waitForFile(fileId, ({ conversion }) => conversion === 'converted');

  const rows = await db().auditEntry.findMany({
    where: { subject: 'file', subjectId: String(fileId) },
    orderBy: { id: 'asc' },
  });
  const outcomes = rows.map(({ action, after }) => {
    const { filename, state, conversion } = after as Record<string, string>;
    return [action, filename ?? state ?? conversion];
  });
  expect(outcomes).toEqual([
    ['file.enter', 'audited.pt'],
    ['file.state', 'scanning'],
    ['file.state', 'clean'],
    ['file.state', 'converting'],
    ['file.state', 'verifying'],
    ['file.state', 'converted'],
  ]);
});

it('enters the same bytes once', async () => {
  const bytes = embedding(makeStateDict([{ ...tensor, name: 'twice' }]));
  const [first, second] = await Promise.all([
    enterBytes('a.pt', bytes, owner.id),
    enterBytes('b.pt', bytes, moderator.id),
  ]);

  expect(first.fileId).toBe(second.fileId);
  expect([first.duplicate, second.duplicate].sort()).toEqual([false, true]);
});

it('shuts a dangerous file in, and disarms it only for a moderator', async () => {
  const { fileId } = await enterBytes('poisoned.pt', embedding(poison(makeStateDict([tensor]))), owner.id);
  const file = await waitForFile(fileId, ({ state, identity }) => state === 'dangerous' && identity !== null);

  expect(file.conversion).toBe('none');
  expect(file.version.model.published).toBe(false);
  expect(file.findings.map(({ call }) => call)).toContainEqual(expect.stringContaining("system('echo harmless')"));
  await expect(disarmFile({ ...owner, role: 'uploader' }, fileId)).rejects.toThrow(/does not allow this/);

  await disarmFile({ ...moderator, role: 'moderator' }, fileId);
  const disarmed = await waitForFile(fileId, ({ conversion }) => conversion === 'converted');
  const bytes = readFileSync(blobStore().pathOf(disarmed.convertedSha256 ?? ''));
  expect(bytes.includes('echo harmless')).toBe(false);
  expect(disarmed.version.model.published).toBe(true);
  expect(disarmed.disarmedById).toBe(moderator.id);
});

it('keeps what each program reads of a file of two formats, for its page and its report', async () => {
  const [polyglot] = makePolyglots();
  const { fileId } = await enterBytes('two formats.safetensors', polyglot?.bytes ?? new Uint8Array(), owner.id);
  const { version } = await waitForFile(fileId, ({ state }) => state === 'dangerous');
  const actor = { ...moderator, role: 'moderator' as const, grant: SESSION_GRANT };
  const model = await getModel(actor, version.modelId);
  expect(model?.versions[0]?.files[0]?.readings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ program: 'torch.load (tar)', format: 'a tar archive', verdict: 'dangerous' }),
      expect.objectContaining({ program: 'safetensors', verdict: 'clean' }),
    ]),
  );
  expect(await getFileReport(actor, fileId)).toMatchObject({
    files: [
      { readings: expect.arrayContaining([expect.objectContaining({ loader: 'torch-tar', verdict: 'dangerous' })]) },
    ],
  });
});

it('calls half a file malformed, and does not convert it', async () => {
  const whole = embedding(makeStateDict([tensor]));
  const { fileId } = await enterBytes('half.ckpt', whole.subarray(0, whole.length / 2), owner.id);
  const file = await waitForFile(fileId, ({ state }) => state === 'malformed');

  expect(file.conversion).toBe('none');
  expect(file.findings.length).toBeGreaterThan(0);
});

it('says why a clean file cannot be converted, and tries again when asked', async () => {
  const empty = makeZip([{ name: 'archive/data.pkl', bytes: makeStateDict([]) }]);
  const { fileId } = await enterBytes('empty.pt', empty, owner.id);
  const file = await waitForFile(fileId, ({ conversion }) => conversion === 'not_convertible');

  expect(file.state).toBe('clean');
  expect(file.conversionReason).toMatch(/no tensors?/i);

  await retryFile({ ...owner, role: 'uploader' }, fileId);
  await waitForFile(
    fileId,
    ({ conversion, runs }) =>
      conversion === 'not_convertible' && runs.filter(({ stage }) => stage === 'convert').length === 2,
  );
});

it('does not try a file again whose verdict is final', async () => {
  const { fileId } = await enterBytes('text.pt', Buffer.from('<html>Sign in to download</html>'), owner.id);
  await waitForFile(fileId, ({ state }) => state === 'malformed');

  await expect(retryFile({ ...owner, role: 'uploader' }, fileId)).rejects.toThrow(/nothing to retry/);
});

it('takes bytes out of the store that are not what their name says, and starts again when the right ones come', async () => {
  const bytes = embedding(makeStateDict([{ ...tensor, name: 'replaced' }]));
  await worker.stop();
  const { fileId } = await enterBytes('replaced.pt', bytes, owner.id);
  const { sourceSha256 } = await load(fileId);
  const path = blobStore().pathOf(sourceSha256);
  chmodSync(path, 0o644);
  writeFileSync(path, embedding(poison(makeStateDict([{ ...tensor, name: 'replaced' }]))));
  worker = await startWorker(['ingest']);

  const file = await waitForFile(fileId, ({ state }) => state === 'incomplete');
  expect(file).toMatchObject({
    conversion: 'none',
    source: { blake3: null },
    version: { model: { published: false } },
  });
  expect(file.findings).toMatchObject([{ rule: 'scan/stopped', message: expect.stringContaining('SHA-256') }]);
  expect(file.runs.map(({ stage }) => stage)).toEqual(['hash']);
  expect(await blobStore().has(sourceSha256)).toBe(false);
  const rows = await db().auditEntry.findMany({ where: { action: 'file.mismatch', subjectId: String(fileId) } });
  expect(rows).toMatchObject([{ actor: 'system', before: { sha256: sourceSha256 } }]);

  expect(await enterBytes('again.pt', bytes, owner.id)).toEqual({ fileId, duplicate: true });
  const mended = await waitForFile(fileId, ({ conversion }) => conversion === 'converted');
  expect(mended.state).toBe('clean');
});
