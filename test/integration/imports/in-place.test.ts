import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel, editModel, findConverted, findOriginal, getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { createHttpServer, sendResponse, serveBlob, serveZip, toWebRequest } from '#lib/http/index.ts';
import { getImport, requestImport, runImport, stepImport } from '#lib/imports/index.ts';
import { ingestFile } from '#lib/ingest/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore, describePlace, workStore } from '#lib/storage/index.ts';
import { stampOf } from '#scanner/file-stamp.ts';
import { SHARDS, writeFolder } from '#test/fixtures/model-folders.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { makeUser } from '#test/support/files.ts';
import { makeSafetensors } from '#test/support/small-safetensors.ts';

const allowed = mkdtempSync(join(tmpdir(), 'weighhouse in place '));
await useTestEnvironment({ WEIGHHOUSE_IMPORT_ROOTS: allowed });
afterAll(async () => {
  await stopQueue();
  await rm(allowed, { recursive: true });
});

let admin: Actor;
let root: string;
beforeEach(async () => {
  admin = await makeUser('admin');
  root = mkdtempSync(join(allowed, 'models '));
});

function put(path: string, content: Uint8Array): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

async function start(): Promise<number> {
  const { id } = await requestImport(admin, { path: root, tags: false, inPlace: true, dryRun: false });
  await runImport(id);
  return id;
}

async function searchAgain(id: number) {
  await stepImport(admin, id, 'search');
  await runImport(id);
  return (await getImport(admin, id)).changes;
}

async function entryOf(id: number, path: string) {
  const entry = await db().importEntry.findUniqueOrThrow({ where: { importId_path: { importId: id, path } } });
  const file = await db().modelFile.findUniqueOrThrow({
    where: { id: entry.fileId ?? 0 },
    include: { version: true, source: true },
  });
  return { ...entry, file, fileId: file.id, sha256: file.sourceSha256, modelId: file.version.modelId };
}

/** Imports one file in place and takes it through its stages. */
async function enter(path = 'a.safetensors', bytes = makeSafetensors(600 + Math.floor(Math.random() * 1e4))) {
  const whole = put(path, bytes);
  const id = await start();
  const entry = await entryOf(id, path);
  await ingestFile(entry.fileId);
  return { ...(await entryOf(id, path)), id, bytes, whole };
}

const ask = (sha256: string, size: number | bigint) =>
  serveBlob(new Request('http://localhost/'), {
    sha256,
    size: Number(size),
    filename: 'a.safetensors',
    modifiedAt: new Date(),
  });

/** Same size and time of the last write as before: what a program can set. */
function forge(path: string, bytes: Uint8Array): void {
  const { mtime, atime } = statSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

const LOST = { changed: { status: 409 }, vanished: { status: 410 } };

describe('a file that is imported in place', () => {
  it('goes all its way and is served from where it is, with nothing in the store', async () => {
    const { sha256, file, bytes, whole, modelId, id } = await enter();
    expect(file).toMatchObject({ state: 'clean', conversion: 'converted', convertedSha256: sha256 });
    expect(await blobStore().has(sha256)).toBe(false);
    expect((await getModel(admin, modelId))?.published).toBe(true);
    const { response } = await ask(sha256, file.source.size);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(await describePlace(sha256)).toEqual({ path: whole, state: 'held' });
    expect((await getImport(admin, id)).inPlace).toBe(true);
    // Deleting the model is no deleting of a person's file.
    await deleteModel(admin, modelId);
    expect(existsSync(whole)).toBe(true);
    expect(await db().blobPlace.count({ where: { sha256 } })).toBe(0);
  });

  it('is not served, rendered or converted once it has changed, however well that is hidden; search makes a version of it', async () => {
    const { id, sha256, file, whole, bytes, modelId } = await enter();
    const acquired = await workStore().acquire(sha256);
    const other = Buffer.from(bytes);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    forge(whole, other);
    expect(statSync(whole).size).toBe(bytes.length);
    await expect(acquired.confirm()).rejects.toMatchObject(LOST.changed);
    await acquired.release();
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.changed);
    await expect(workStore().acquire(sha256)).rejects.toMatchObject(LOST.changed);
    expect(await describePlace(sha256)).toEqual({ path: whole, state: 'changed' });
    const { id: download } = await db().modelVersion.findFirstOrThrow({ where: { modelId } });
    await expect(ask((await findConverted(admin, download)).sha256, file.source.size)).rejects.toMatchObject(
      LOST.changed,
    );

    expect(await searchAgain(id)).toMatchObject({ changed: 1, vanished: 0 });
    const again = await entryOf(id, 'a.safetensors');
    expect([again.state, again.modelId, again.sha256 === sha256]).toEqual(['imported', modelId, false]);
    expect(again.reason).toContain('new version');
    expect((await getModel(admin, modelId))?.versions).toHaveLength(2);
    expect(Buffer.from(await (await ask(again.sha256, again.file.source.size)).response.arrayBuffer())).toEqual(other);
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.changed);
  });

  it('keeps everything when it is moved, touched, or away for a while', async () => {
    const { id, sha256, file, whole, modelId } = await enter();
    await editModel(admin, modelId, { name: 'My name' });
    mkdirSync(join(root, 'new'));
    const moved = join(root, 'new', 'b.safetensors');
    renameSync(whole, moved);
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.vanished);
    expect(await searchAgain(id)).toMatchObject({ moved: 1, vanished: 0, changed: 0, added: 0 });
    const there = await entryOf(id, 'new/b.safetensors');
    expect(there).toMatchObject({ fileId: file.id, state: 'imported', reason: 'Moved from a.safetensors.' });
    expect((await ask(sha256, file.source.size)).response.status).toBe(200);

    chmodSync(moved, 0o640);
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.changed);
    expect(await searchAgain(id)).toMatchObject({ changed: 1 });
    expect(await entryOf(id, 'new/b.safetensors')).toMatchObject({ fileId: file.id, state: 'imported' });

    // To another disk: nothing but its bytes is the same. Another file keeps the folder from looking like a lost disk.
    put('other.safetensors', makeSafetensors(555));
    const bytes = readFileSync(moved);
    rmSync(moved);
    expect(await searchAgain(id)).toMatchObject({ vanished: 1, added: 1 });
    expect(await db().importEntry.count({ where: { importId: id, state: 'vanished' } })).toBe(1);
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.vanished);
    put('c.safetensors', bytes);
    await searchAgain(id);
    expect(await entryOf(id, 'c.safetensors')).toMatchObject({
      fileId: file.id,
      state: 'imported',
      reason: 'Moved from new/b.safetensors.',
    });
    expect(await db().importEntry.count({ where: { importId: id, state: 'vanished' } })).toBe(0);
    expect((await ask(sha256, file.source.size)).response.status).toBe(200);
    expect((await getModel(admin, modelId))?.name).toBe('My name');
    expect((await getModel(admin, modelId))?.versions).toHaveLength(1);
  });

  it('is never clean by what was read of other bytes', async () => {
    const whole = put('a.safetensors', makeSafetensors(700));
    const id = await start();
    const { fileId, sha256 } = await entryOf(id, 'a.safetensors');
    forge(whole, makeSafetensors(700));
    await ingestFile(fileId);
    const load = () => db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { findings: true } });
    expect(await load()).toMatchObject({ state: 'incomplete', convertedSha256: null });
    expect((await load()).findings[0]?.message).toContain('changed on the disk');
    // As if every word of the system on the file were forged: the process that scans has its own look at the bytes.
    const stamp = stampOf(statSync(whole, { bigint: true }));
    await db().blobPlace.updateMany({ where: { sha256 }, data: stamp });
    await ingestFile(fileId);
    expect(await load()).toMatchObject({ state: 'incomplete', convertedSha256: null });
    expect((await load()).findings[0]?.message).toContain('other bytes');
  });

  it('is cut off when it changes while it is sent', async () => {
    const { sha256, file, whole } = await enter('large.safetensors', makeSafetensors(24 * 1024 * 1024));
    const server = createHttpServer(10_000);
    server.on('request', async (incoming, outgoing) => {
      const served = { sha256, size: Number(file.source.size), filename: 'a', modifiedAt: new Date() };
      await sendResponse((await serveBlob(toWebRequest(incoming), served)).response, outgoing);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const [answer] = (await once(get({ port: (server.address() as AddressInfo).port }), 'response')) as [
        IncomingMessage,
      ];
      expect(answer.headers['content-length']).toBe(String(file.source.size));
      await once(answer, 'readable');
      appendFileSync(whole, 'x');
      const received = async () => {
        for await (const _ of answer);
      };
      await expect(received()).rejects.toThrow('aborted');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('keeps its place when its device has another number, as after a restart', async () => {
    const { id, sha256, file } = await enter();
    await db().$executeRaw`UPDATE blob_place SET device = device + 1 WHERE sha256 = ${sha256}`;
    await db().$executeRaw`UPDATE import_entry SET device = device + 1 WHERE "importId" = ${id}`;
    await expect(ask(sha256, file.source.size)).rejects.toMatchObject(LOST.changed);
    expect(await searchAgain(id)).toEqual({ added: 0, changed: 0, moved: 0, vanished: 0 });
    expect((await ask(sha256, file.source.size)).response.status).toBe(200);
  });

  it('can be a model in several files, of which none may change', async () => {
    writeFolder(root, SHARDS);
    const id = await start();
    const entry = await db().importEntry.findFirstOrThrow({ where: { importId: id, state: 'imported' } });
    await ingestFile(entry.fileId ?? 0);
    const { parts, ...original } = await findOriginal(admin, entry.fileId ?? 0);
    const zip = () => serveZip(new Request('http://localhost/'), { ...original, files: parts ?? [] });
    expect((await (await zip()).arrayBuffer()).byteLength).toBeGreaterThan(100);
    for (const part of parts ?? []) expect('sha256' in part && (await blobStore().has(part.sha256))).toBe(false);
    chmodSync(join(root, Object.keys(SHARDS)[0] ?? ''), 0o600);
    await expect(zip()).rejects.toMatchObject(LOST.changed);
  });
});

it('a folder is imported in one of the two ways', async () => {
  put('a.safetensors', makeSafetensors(650));
  await start();
  const copies = requestImport(admin, { path: root, tags: false, dryRun: false });
  await expect(copies).rejects.toThrow('in place already');
});
