import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPTIONS, POST } from '#app/api/uploads/[[...path]]/route.ts';
import { SESSION_GRANT } from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { listen, type ServiceEvent } from '#lib/events/index.ts';
import { deleteUnusedBlob, ingestFile } from '#lib/ingest/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { expireSidecars } from '#lib/sidecars/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { cancelUploadSet, createUploadSet, listUploads, sweepUploads } from '#lib/uploads/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';

await useTestEnvironment({ WEIGHHOUSE_MAX_UPLOAD_GB: '0.02' });

let service: Awaited<ReturnType<typeof serve>>;
let alice: Session;
let bob: Session;
beforeAll(async () => {
  service = await serve(async (request) => {
    if (new URL(request.url).pathname.startsWith('/api/auth')) return handleAuth(request);
    const handle = request.method === 'OPTIONS' ? OPTIONS : POST;
    return handle(request, { params: Promise.resolve({}) });
  });
  alice = await signUp(service.url, 'alice@example.org');
  bob = await signUp(service.url, 'bob@example.org');
});
afterAll(async () => {
  await service.close();
  await stopQueue();
});

const TUS = { 'tus-resumable': '1.0.0' };
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function create(
  session: Session,
  size: number,
  metadata: Record<string, string> = { filename: 'model.ckpt' },
): Promise<Response> {
  const encoded = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`);
  return fetch(`${service.url}/api/uploads`, {
    method: 'POST',
    headers: { ...TUS, cookie: session.cookie, 'upload-length': String(size), 'upload-metadata': encoded.join(',') },
  });
}

function patch(session: Session, location: string, offset: number, body: Uint8Array): Promise<Response> {
  return fetch(new URL(location, service.url), {
    method: 'PATCH',
    headers: {
      ...TUS,
      cookie: session.cookie,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: body as BodyInit,
  });
}

const head = (session: Session, location: string) =>
  fetch(new URL(location, service.url), { method: 'HEAD', headers: { ...TUS, cookie: session.cookie } });

/** Sends the first bytes of a request, and drops the connection when the server has had some of them. */
async function patchAndDrop(session: Session, location: string, body: Uint8Array, sent: number): Promise<void> {
  const request = httpRequest(new URL(location, service.url), {
    method: 'PATCH',
    headers: {
      ...TUS,
      cookie: session.cookie,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': body.length,
    },
  });
  request.on('error', () => {});
  await new Promise((done) => request.write(body.subarray(0, sent), done));
  await expect.poll(async () => (await rowOf(location.split('/').at(-1) ?? '')).offset).toBeGreaterThan(0);
  request.destroy();
}

async function start(session: Session, size: number, metadata?: Record<string, string>) {
  const created = await create(session, size, metadata);
  expect(created.status).toBe(201);
  const location = created.headers.get('location') ?? '';
  return { location, id: location.split('/').at(-1) ?? '' };
}

const rowOf = (id: string) => db().upload.findUniqueOrThrow({ where: { id }, include: { file: true } });

const actorOf = ({ user }: Session) =>
  ({ ...user, name: '', email: '', role: 'uploader', grant: SESSION_GRANT }) as const;
const listOf = (session: Session) => listUploads(actorOf(session));

describe('an upload', () => {
  it('that comes in pieces is stored under its SHA-256 and queued', async () => {
    const bytes = randomBytes(3_000_000);
    const { location, id } = await start(alice, bytes.length, { filename: '../../My Modèl.ckpt' });
    expect((await patch(alice, location, 0, bytes.subarray(0, 1_000_000))).headers.get('upload-offset')).toBe(
      '1000000',
    );
    expect((await patch(alice, location, 1_000_000, bytes.subarray(1_000_000))).status).toBe(204);

    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'stored', sha256: sha256Of(bytes), filename: 'My Modèl.ckpt' });
    expect(row.file).toMatchObject({ state: 'quarantined', filename: 'My Modèl.ckpt' });
    expect(await blobStore().sizeOf(sha256Of(bytes))).toBe(bytes.length);
    expect(existsSync(join(config().home, 'uploads', id))).toBe(false);
  });

  it('goes on after a dropped connection, with the right digest', async () => {
    const bytes = randomBytes(4_000_000);
    const { location, id } = await start(alice, bytes.length);
    await patchAndDrop(alice, location, bytes, 1_500_000);

    const offset = Number((await head(alice, location)).headers.get('upload-offset'));
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(1_500_000);
    expect((await patch(alice, location, offset, bytes.subarray(offset))).status).toBe(204);
    expect(await rowOf(id)).toMatchObject({ state: 'stored', sha256: sha256Of(bytes) });
  });

  it('of bytes that are here already is linked, not stored again', async () => {
    const bytes = randomBytes(10_000);
    const first = await start(alice, bytes.length);
    await patch(alice, first.location, 0, bytes);
    const second = await start(bob, bytes.length, { filename: 'copy.ckpt' });
    await patch(bob, second.location, 0, bytes);

    const [a, b] = [await rowOf(first.id), await rowOf(second.id)];
    expect([a.state, b.state]).toEqual(['stored', 'duplicate']);
    expect(b.fileId).toBe(a.fileId);

    // Nothing of an unpublished model is told but that it has these bytes.
    const [ofAlice] = (await listOf(alice)).filter(({ id }) => id === first.id);
    const [ofBob] = (await listOf(bob)).filter(({ id }) => id === second.id);
    expect(ofAlice).toMatchObject({ hidden: false, file: { id: a.fileId } });
    expect(ofBob).toMatchObject({ state: 'duplicate', hidden: true, file: null });
    await db().model.updateMany({
      where: { versions: { some: { files: { some: { id: a.fileId ?? 0 } } } } },
      data: { published: true },
    });
    const [published] = (await listOf(bob)).filter(({ id }) => id === second.id);
    expect(published).toMatchObject({ hidden: false, file: { id: a.fileId } });
  });

  it('is one of many at once, each entered and audited, and the same bytes once', async () => {
    const contents = Array.from({ length: 24 }, (_, index) => Buffer.concat([randomBytes(2000), Buffer.from([index])]));
    const sent = [...contents, ...contents.slice(0, 6)];
    const uploads = await Promise.all(
      sent.map((bytes, n) => start(alice, bytes.length, { filename: `many ${n}.ckpt` })),
    );
    const answers = await Promise.all(uploads.map(({ location }, n) => patch(alice, location, 0, sent[n] as Buffer)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));

    const rows = await Promise.all(uploads.map(({ id }) => rowOf(id)));
    expect(rows.filter(({ state }) => state === 'stored').length).toBe(contents.length);
    expect(rows.filter(({ state }) => state === 'duplicate').length).toBe(6);
    for (const [n, bytes] of sent.entries()) {
      expect(rows[n]?.sha256).toBe(sha256Of(bytes));
      expect(rows[n]?.file?.sourceSha256).toBe(sha256Of(bytes));
    }
    const ids = uploads.map(({ id }) => id);
    const audited = await db().auditEntry.findMany({ where: { subject: 'upload', subjectId: { in: ids } } });
    expect(audited.length).toBe(2 * sent.length);
    const files = rows.map(({ fileId }) => String(fileId));
    const entries = await db().auditEntry.findMany({ where: { action: 'file.enter', subjectId: { in: files } } });
    expect(entries.length).toBe(contents.length);
    const models = await db().modelFile.findMany({
      where: { id: { in: files.map(Number) } },
      include: { version: { include: { model: true } }, source: true },
    });
    for (const { version, filename, source } of models) {
      expect(entries.some(({ subjectName, modelId }) => subjectName === filename && modelId === version.modelId)).toBe(
        true,
      );
      const name = filename.replace('.ckpt', '');
      expect(version).toMatchObject({ name: 'v1', model: { name, size: source.size, verdict: 'quarantined' } });
      expect(version.model.slug).toBe(`${name.replace(' ', '-')}-${version.modelId}`);
    }
    const jobs = await db().$queryRaw<{ id: number }[]>`
      SELECT (data->>'fileId')::int AS id FROM pgboss.job WHERE name = 'ingest' AND singleton_key = data->>'fileId'`;
    for (const { id } of models) expect(jobs.filter((job) => job.id === id).length).toBeLessThan(45);
  });

  it('asks the database not more often than it must', async () => {
    const send = async () => {
      const bytes = randomBytes(1000);
      const { location } = await start(alice, bytes.length);
      expect((await patch(alice, location, 0, bytes)).status).toBe(204);
    };
    await send();
    const { Client } = await import('pg');
    const query = vi.spyOn(Client.prototype, 'query');
    await send();
    // What the queue asks by its own clock, and the heartbeat of the locks, are not of the upload.
    const texts = query.mock.calls.map(([asked]) => String((asked as { text?: string }).text ?? asked));
    query.mockRestore();
    // Alone. Many at once ask together.
    expect(texts.filter((text) => !/pgboss|SELECT 1$/.test(text)).length).toBeLessThan(45);
  });

  it('of a file beside a model is kept with it, whichever comes first, and is never entered as a model', async () => {
    const send = async (filename: string, bytes: Buffer, session = alice) => {
      const { location, id } = await start(session, bytes.length, { filename });
      expect((await patch(session, location, 0, bytes)).status).toBe(204);
      return id;
    };
    const settings = Buffer.from('{"activation text": "harbour"}');
    const before = await db().modelFile.count();
    const early = await send('Evening Harbour.json', settings);
    expect(await rowOf(early)).toMatchObject({ state: 'stored', fileId: null, sidecarId: expect.any(Number) });
    const foreign = await send('evening harbour.yaml', Buffer.from('model: {}'), bob);
    expect(await listOf(alice)).toContainEqual(expect.objectContaining({ id: early, sidecar: true, file: null }));

    const { fileId } = await rowOf(await send('evening harbour.ckpt', randomBytes(2000)));
    const late = await send('evening harbour.preview.png', Buffer.from('89504e470d0a1a0a00', 'hex'));
    expect(await db().modelFile.count()).toBe(before + 1);
    expect([(await rowOf(early)).fileId, (await rowOf(late)).fileId]).toEqual([fileId, fileId]);
    expect((await rowOf(foreign)).fileId).toBeNull();
    const kept = await db().sidecar.findMany({ where: { fileId }, orderBy: { id: 'asc' } });
    expect(kept.map(({ filename, kind }) => [filename, kind])).toEqual([
      ['Evening Harbour.json', 'settings'],
      ['evening harbour.preview.png', 'preview'],
    ]);
    expect(Buffer.from(kept[0]?.content ?? []).equals(settings)).toBe(true);

    await send('evening harbour.preview.png', Buffer.from('89504e470d0a1a0a01', 'hex'));
    expect(await db().sidecar.count({ where: { fileId } })).toBe(2);

    const disguised = await send('harmless.json', Buffer.from('cposix\nsystem\n(Vecho harmless\ntR.'));
    expect((await rowOf(disguised)).file).toMatchObject({ filename: 'harmless.json', state: 'quarantined' });

    expect(await expireSidecars(new Date(Date.now() + 6 * 24 * 3600 * 1000))).toBe(0);
    expect(await expireSidecars(new Date(Date.now() + 8 * 24 * 3600 * 1000))).toBe(1);
    expect(await db().sidecar.count()).toBe(2);
  });

  it('whose bytes are not what was declared is refused and dropped', async () => {
    const bytes = randomBytes(1000);
    const { location, id } = await start(alice, bytes.length, { filename: 'x.ckpt', sha256: '0'.repeat(64) });
    const response = await patch(alice, location, 0, bytes);

    expect(response.status).toBe(460);
    expect(await response.text()).toMatch(/SHA-256 of the received file/);
    expect(await rowOf(id)).toMatchObject({ state: 'aborted', fileId: null });
    expect(await blobStore().has(sha256Of(bytes))).toBe(false);
  });

  it('can be cancelled', async () => {
    const { location, id } = await start(alice, 1000);
    const response = await fetch(new URL(location, service.url), {
      method: 'DELETE',
      headers: { ...TUS, cookie: alice.cookie },
    });
    expect(response.status).toBe(204);
    await expect.poll(async () => (await rowOf(id)).state).toBe('aborted');
  });

  it('that nobody goes on with expires', async () => {
    const { id } = await start(alice, 1000);
    expect(await sweepUploads()).toBe(0);
    expect(await sweepUploads(new Date(Date.now() + 8 * 24 * 3600 * 1000))).toBeGreaterThan(0);
    expect(await rowOf(id)).toMatchObject({ state: 'expired' });
    expect(existsSync(join(config().home, 'uploads', id))).toBe(false);
  });

  it('leaves no files behind where its process died between the catalog and removing them', async () => {
    const { location, id } = await start(alice, 10);
    await patch(alice, location, 0, randomBytes(10));
    expect(await rowOf(id)).toMatchObject({ state: 'stored' });
    const folder = join(config().home, 'uploads');
    await mkdir(join(folder, `${id}.parts`));
    await writeFile(join(folder, `${id}.parts`, '0-0'), randomBytes(10));
    await writeFile(join(folder, `${id}.json`), '{}');
    const open = await start(alice, 10);
    await sweepUploads();
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith(id))).toEqual([]);
    expect(left.filter((name) => name.startsWith(open.id))).not.toEqual([]);
  });

  it('is announced to who listens', async () => {
    const heard: ServiceEvent[] = [];
    const unlisten = await listen((event) => heard.push(event));
    const { location, id } = await start(alice, 10);
    await patch(alice, location, 0, randomBytes(10));
    await expect.poll(() => heard.some((event) => event.kind === 'upload' && event.uploadId === id)).toBe(true);
    unlisten();
  });
});

describe('the files of a model in several', () => {
  const FOLDER = {
    'model_index.json': Buffer.from('{"_class_name": "StableDiffusionPipeline"}'),
    'unet/config.json': Buffer.from('{}'),
    'unet/diffusion_pytorch_model.safetensors': randomBytes(3000),
  };
  const formOf = (files: Readonly<Record<string, Buffer>>, name = 'Evening') => ({
    name,
    layout: 'diffusers' as const,
    files: Object.entries(files).map(([path, { length: size }]) => ({ path, size })),
  });
  const send = async (session: Session, set: string, path: string, bytes: Buffer) => {
    const created = await create(session, bytes.length, { filename: 'x', set, path });
    if (created.status !== 201) return { status: created.status, words: await created.text(), id: '' };
    const location = created.headers.get('location') ?? '';
    const { status } = await patch(session, location, 0, bytes);
    return { status, words: '', location, id: location.split('/').at(-1) ?? '' };
  };

  it('are one model when the last one is there, and one line of the list all the time', async () => {
    const before = await db().modelFile.count();
    const { id } = await createUploadSet(actorOf(alice), formOf(FOLDER));
    const uploads: string[] = [];
    for (const [path, bytes] of Object.entries(FOLDER)) {
      expect(await db().modelFile.count()).toBe(before);
      const { status, id: upload } = await send(alice, id, path, bytes);
      expect(status).toBe(204);
      uploads.push(upload);
      const of = (await listOf(alice)).filter((view) => view.id === id || uploads.includes(view.id));
      expect(of).toMatchObject([{ id, filename: 'Evening', files: 3 }]);
    }
    const set = await db().uploadSet.findUniqueOrThrow({
      where: { id },
      include: { file: { include: { parts: true } } },
    });
    expect(set.file).toMatchObject({ filename: 'Evening', layout: 'diffusers', state: 'quarantined' });
    expect(Object.fromEntries(set.file?.parts.map(({ path, sha256 }) => [path, sha256]) ?? [])).toEqual(
      Object.fromEntries(Object.entries(FOLDER).map(([path, bytes]) => [path, sha256Of(bytes)])),
    );
    for (const upload of uploads) expect(await rowOf(upload)).toMatchObject({ state: 'stored', fileId: set.fileId });
    expect((await listOf(alice)).find((view) => view.id === id)).toMatchObject({ state: 'stored', offset: 3044 });

    // The same once more is a duplicate of it.
    const again = await createUploadSet(actorOf(bob), formOf(FOLDER));
    for (const [path, bytes] of Object.entries(FOLDER)) await send(bob, again.id, path, bytes);
    expect((await listOf(bob)).find((view) => view.id === again.id)).toMatchObject({
      state: 'duplicate',
      hidden: true,
    });
    expect(await db().modelFile.count()).toBe(before + 1);
  });

  it('go on where they were, if none of them has changed since', async () => {
    const [[path = '', bytes = Buffer.of()] = []] = Object.entries(FOLDER);
    const dated = (modifiedAt: number) => {
      const form = formOf(FOLDER, 'Resumed');
      return { ...form, files: form.files.map((file) => ({ ...file, modifiedAt })) };
    };
    const { id } = await createUploadSet(actorOf(alice), dated(7));
    const { id: uploadId } = await send(alice, id, path, bytes);
    const begun = await create(alice, 3000, {
      filename: 'x',
      set: id,
      path: 'unet/diffusion_pytorch_model.safetensors',
    });
    expect(begun.status).toBe(201);
    const again = await createUploadSet(actorOf(alice), dated(7));
    expect(again).toMatchObject({ id, uploads: expect.arrayContaining([{ path, uploadId, isReceived: true }]) });
    expect(again.uploads.map(({ isReceived }) => isReceived).sort()).toEqual([false, true]);
    expect((await createUploadSet(actorOf(alice), dated(8))).id).not.toBe(id);
    expect((await createUploadSet(actorOf(bob), dated(7))).id).not.toBe(id);
    expect((await createUploadSet(actorOf(alice), formOf(FOLDER, 'Resumed'))).id).not.toBe(id);
  });

  it('that are not of the set, or another person\u2019s, or there already, are refused', async () => {
    const { id } = await createUploadSet(actorOf(alice), formOf(FOLDER, 'Refusing'));
    const [index] = Object.entries(FOLDER);
    const [path = '', bytes = Buffer.of()] = index ?? [];
    expect(await send(bob, id, path, bytes)).toMatchObject({ status: 404 });
    expect(await send(alice, 'made-up', path, bytes)).toMatchObject({ status: 404 });
    expect(await send(alice, id, 'vae/config.json', bytes)).toMatchObject({ status: 400 });
    expect(await send(alice, id, path, randomBytes(7))).toMatchObject({ status: 400 });
    const first = await send(alice, id, path, bytes);
    expect(first.status).toBe(204);
    expect((await head(alice, first.location ?? '')).headers.get('upload-offset')).toBe(String(bytes.length));
    expect(await send(alice, id, path, bytes)).toMatchObject({ status: 409 });
  });

  it.each([
    ['no index', { 'unet/config.json': Buffer.from('{}') }, /model_index\.json/],
    ['a path that leads elsewhere', { ...FOLDER, '../secret': Buffer.from('x') }, /not a path within a model/],
    [
      'more than the upload limit',
      { ...FOLDER, big: { length: 30_000_000 } as Buffer },
      /larger than the upload limit/,
    ],
  ])('are refused before any is sent: %s', async (_, files, words) => {
    await expect(createUploadSet(actorOf(alice), formOf(files))).rejects.toThrow(words);
  });

  it('wait in the store for the others, and are dropped when the model is given up or nobody goes on', async () => {
    const bytes = randomBytes(500);
    const files = { ...FOLDER, 'unet/more.json': bytes };
    const waiting = async () => {
      const { id } = await createUploadSet(actorOf(alice), formOf(files, 'Waiting'));
      const { id: upload, status } = await send(alice, id, 'unet/more.json', bytes);
      expect([status, (await rowOf(upload)).state]).toEqual([204, 'received']);
      return { id, upload };
    };
    const first = await waiting();
    // Another model with the same bytes is deleted.
    await deleteUnusedBlob(sha256Of(bytes));
    expect(await sweepUploads()).toBe(0);
    expect(await blobStore().has(sha256Of(bytes))).toBe(true);
    await cancelUploadSet(actorOf(alice), first.id);
    expect(await rowOf(first.upload)).toMatchObject({ state: 'aborted' });
    expect(await blobStore().has(sha256Of(bytes))).toBe(false);

    const second = await waiting();
    await expect(cancelUploadSet(actorOf(bob), second.id)).rejects.toThrow('not found');
    await sweepUploads(new Date(Date.now() + 8 * 24 * 3600 * 1000));
    expect(await rowOf(second.upload)).toMatchObject({ state: 'expired' });
    expect(await blobStore().has(sha256Of(bytes))).toBe(false);
  });
});

describe('the digests of an upload', () => {
  /** Sends a file in two requests. */
  async function upload(bytes: Buffer) {
    const { location, id } = await start(alice, bytes.length);
    await patch(alice, location, 0, bytes.subarray(0, 5));
    expect((await patch(alice, location, 5, bytes.subarray(5))).status).toBe(204);
    const { fileId } = await rowOf(id);
    return { fileId: fileId ?? 0, sha256: sha256Of(bytes), path: blobStore().pathOf(sha256Of(bytes)) };
  }
  const blobOf = (sha256: string) => db().blob.findUniqueOrThrow({ where: { sha256 } });
  /** The stages that a file has gone through. */
  async function stagesOf(fileId: number) {
    const runs = await db().stageRun.findMany({ where: { fileId }, orderBy: { id: 'asc' } });
    return runs.map(({ stage }) => stage);
  }

  it.each([
    { kind: 'a small one', size: 2_000_000 },
    { kind: 'a large one', size: 17 * 2 ** 20 },
  ])('$kind: all are there when its last byte is, read back as it lies there', async ({ size }) => {
    const { fileId, sha256, path } = await upload(randomBytes(size));
    const { autov1: autoV1, autov3: autoV3, blake3, crc32 } = await hashFile(path);
    const digests = { autoV1, autoV3, blake3, crc32 };
    expect(await blobOf(sha256)).toMatchObject({ ...digests, verifiedAt: expect.any(Date) });

    await ingestFile(fileId);
    expect(await stagesOf(fileId)).toEqual(['scan']);
  });

  it.each([
    { kind: 'a small one', size: 2_000_000 },
    { kind: 'a large one', size: 17 * 2 ** 20 },
  ])('$kind: bytes that changed in the store meanwhile are quarantined', async ({ size }) => {
    const bytes = randomBytes(size);
    const { fileId, sha256, path } = await upload(bytes);
    chmodSync(path, 0o600);
    writeFileSync(path, 'REPLACED', { flag: 'r+' });

    await ingestFile(fileId);
    expect(await stagesOf(fileId)).toEqual(['hash']);
    expect(await blobStore().has(sha256)).toBe(false);
    const file = await db().modelFile.findUniqueOrThrow({ where: { id: fileId } });
    expect(file).toMatchObject({ state: 'incomplete', conversion: 'none' });
    const rows = await db().auditEntry.findMany({ where: { action: 'file.mismatch', subjectId: String(fileId) } });
    expect(rows).toMatchObject([{ before: { sha256 } }]);

    // The right ones fill the gap.
    await upload(bytes);
    expect(sha256Of(await buffer(blobStore().read(sha256)))).toBe(sha256);
    await ingestFile(fileId);
    expect(await db().modelFile.findUniqueOrThrow({ where: { id: fileId } })).toMatchObject({ state: 'malformed' });
  });
});

describe('nobody', () => {
  it('uploads without an account', async () => {
    const response = await create({ cookie: '', user: { id: '', role: '' } }, 10);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: { code: 'not_signed_in', message: 'Sign in first.' } });
  });

  it('touches the upload of another', async () => {
    const { location } = await start(alice, 10);
    expect((await head(bob, location)).status).toBe(404);
    expect((await patch(bob, location, 0, randomBytes(10))).status).toBe(404);
  });

  it('sends more than the limit', async () => {
    expect((await create(alice, 22 * 2 ** 20)).status).toBe(413);
  });

  it('sends an empty file', async () => {
    const response = await create(alice, 0);
    expect([response.status, await response.text()]).toEqual([400, 'The file is empty.\n']);
  });
});
