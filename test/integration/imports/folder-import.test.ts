import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import {
  continueImports,
  exportImportEntries,
  forgetImport,
  getImport,
  listImportEntries,
  requestImport,
  runImport,
  setImportSchedule,
  stepImport,
} from '#lib/imports/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { makeUser } from '#test/support/files.ts';
import { makeSafetensors } from '#test/support/small-safetensors.ts';

const allowed = mkdtempSync(join(tmpdir(), 'weighhouse imports '));
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

function put(path: string, content: string | Uint8Array): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

async function start(options: { tags?: boolean; dryRun?: boolean } = {}): Promise<number> {
  const { id } = await requestImport(admin, { path: root, tags: false, dryRun: false, ...options });
  await runImport(id);
  return id;
}

async function countsOf(id: number): Promise<Record<string, number>> {
  const { counts } = await getImport(admin, id);
  return Object.fromEntries(
    Object.entries(counts).flatMap(([state, { files }]) => (files === 0 ? [] : [[state, files]])),
  );
}

async function modelOf(id: number, path: string) {
  const entry = await db().importEntry.findUniqueOrThrow({
    where: { importId_path: { importId: id, path } },
    include: { file: { include: { version: true } } },
  });
  const model = entry.file === null ? null : await getModel(admin, entry.file.version.modelId);
  return { entry, model };
}

const picture = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();

describe('an import of a folder', () => {
  it('copies every model with what lies beside it, and says why it left the others', async () => {
    const twice = makeSafetensors(700);
    put('models/Lora/styles/ink.safetensors', makeSafetensors(600));
    put('models/Lora/styles/ink.civitai.info', JSON.stringify({ trainedWords: ['ink wash'] }));
    put('models/Lora/styles/ink.preview.png', await picture());
    put('models/Lora/one.safetensors', twice);
    put('models/Lora/two.safetensors', twice);
    put('models/Lora/broken.safetensors', 'no model');
    put('models/Lora/empty.safetensors', '');
    put('models/Lora/part.safetensors.crdownload', 'part');
    const id = await start({ tags: true });
    expect((await getImport(admin, id)).state).toBe('done');
    expect(await countsOf(id)).toMatchObject({ imported: 3, duplicate: 1, passed_over: 2 });
    const { entry, model } = await modelOf(id, 'models/Lora/styles/ink.safetensors');
    expect(entry.state).toBe('imported');
    expect(model).toMatchObject({ name: 'ink', tags: ['styles'] });
    expect(await db().picture.count({ where: { modelId: model?.id ?? 0 } })).toBe(1);
    const sidecars = await db().sidecar.findMany({ where: { fileId: entry.fileId } });
    expect(sidecars.map(({ filename }) => filename)).toEqual(['ink.civitai.info']);
    // It is identified once, with what they say.
    const jobs = await db().$queryRaw<{ data: object }[]>`
      SELECT data FROM pgboss.job WHERE name = 'ingest' AND (data->>'fileId')::int = ${entry.fileId}`;
    expect(jobs).toEqual([{ data: { fileId: entry.fileId } }]);
    const { entries } = await listImportEntries(admin, id, { state: 'passed_over' });
    for (const { reason } of entries) expect(reason).toMatch(/\w\.$/);
    const csv = (await Array.fromAsync(await exportImportEntries(admin, id, 'passed_over'))).join('');
    expect(csv).toContain('models/Lora/empty.safetensors');
  });

  it('only searches in a dry run, says what is probably there, and imports when it is told to', async () => {
    const bytes = makeSafetensors(900);
    put('a.safetensors', bytes);
    const first = await start();
    expect(await countsOf(first)).toEqual({ imported: 1 });
    root = mkdtempSync(join(allowed, 'models '));
    put('a.safetensors', bytes);
    put('b.safetensors', makeSafetensors(901));
    const id = await start({ dryRun: true });
    expect(await getImport(admin, id)).toMatchObject({ state: 'ready', known: 1, counts: { pending: { files: 2 } } });
    await stepImport(admin, id, 'start');
    await runImport(id);
    expect(await countsOf(id)).toEqual({ imported: 1, duplicate: 1 });
  });

  it('goes on where a worker died, enters nothing twice, and can be paused and cancelled', async () => {
    for (let n = 0; n < 40; n += 1) put(`${n}.safetensors`, makeSafetensors(500 + n));
    const { id } = await requestImport(admin, { path: root, tags: false, dryRun: true });
    await runImport(id);
    await stepImport(admin, id, 'start');
    // As a worker does that dies after its batch was entered and before it is marked.
    const before = db().importEntry.update;
    let marked = 0;
    const dying = db().importEntry as { update: unknown };
    dying.update = (args: { data: { state?: string } }) => {
      if (args.data.state === 'imported' && ++marked > 20) throw new Error('killed');
      return before.call(db().importEntry, args as never);
    };
    try {
      await expect(runImport(id)).rejects.toThrow('killed');
    } finally {
      dying.update = before;
    }
    expect((await countsOf(id)).imported).toBe(20);
    await stepImport(admin, id, 'pause');
    await runImport(id);
    expect((await countsOf(id)).imported).toBe(20);
    await stepImport(admin, id, 'start');
    await runImport(id);
    expect(await countsOf(id)).toEqual({ imported: 40 });
    expect(await db().model.count({ where: { ownerId: admin.id } })).toBe(40);
    await expect(stepImport(admin, id, 'pause')).rejects.toThrow('another state');
  });

  it('leaves out what was changed, removed, or exchanged for a link after the search', async () => {
    const secret = mkdtempSync(join(tmpdir(), 'weighhouse outside '));
    writeFileSync(join(secret, 'secret.safetensors'), makeSafetensors(400));
    put('good.safetensors', makeSafetensors(500));
    put('changed.safetensors', makeSafetensors(500));
    put('removed.safetensors', makeSafetensors(500));
    put('link.safetensors', makeSafetensors(400));
    const id = await start({ dryRun: true });
    put('changed.safetensors', makeSafetensors(501));
    rmSync(join(root, 'removed.safetensors'));
    rmSync(join(root, 'link.safetensors'));
    symlinkSync(join(secret, 'secret.safetensors'), join(root, 'link.safetensors'));
    await stepImport(admin, id, 'start');
    await runImport(id);
    expect(await countsOf(id)).toEqual({ imported: 1, refused: 3 });
    const { entries } = await listImportEntries(admin, id, { state: 'refused' });
    expect(entries.map(({ path, reason }) => [path, reason?.split('.')[0]])).toEqual(
      expect.arrayContaining([
        ['changed.safetensors', 'The file was changed after the folder was searched'],
        ['removed.safetensors', 'The file no longer exists'],
        ['link.safetensors', 'The file lies outside of the folders that may be imported'],
      ]),
    );
    await rm(secret, { recursive: true });
  });

  it('keeps in step: what is new or changed is imported, what moved keeps all, what is gone is said', async () => {
    put('stays.safetensors', makeSafetensors(500));
    put('moves.safetensors', makeSafetensors(510));
    put('changes.safetensors', makeSafetensors(520));
    put('goes.safetensors', makeSafetensors(530));
    const id = await start();
    const moved = await modelOf(id, 'moves.safetensors');
    const changed = await modelOf(id, 'changes.safetensors');
    mkdirSync(join(root, 'sub'));
    renameSync(join(root, 'moves.safetensors'), join(root, 'sub/moved.safetensors'));
    put('changes.safetensors', makeSafetensors(521));
    await rename(join(root, 'goes.safetensors'), join(root, 'goes.safetensors.bak'));
    put('new.safetensors', makeSafetensors(540));
    await setImportSchedule(admin, id, { schedule: 'hourly' });
    await continueImports(new Date(Date.now() + 2 * 3600 * 1000));
    await runImport(id);
    expect(await countsOf(id)).toMatchObject({ imported: 4, vanished: 1 });
    expect((await modelOf(id, 'sub/moved.safetensors')).model?.id).toBe(moved.model?.id);
    const again = await modelOf(id, 'changes.safetensors');
    expect(again.model?.id).toBe(changed.model?.id);
    expect(again.model?.versions).toHaveLength(2);
    // It comes back with all that was kept of it.
    await rename(join(root, 'goes.safetensors.bak'), join(root, 'goes.safetensors'));
    await stepImport(admin, id, 'search');
    await runImport(id);
    expect(await countsOf(id)).toEqual({ imported: 5 });
  });

  it('copies: what happens to the file afterwards is nothing to the catalog', async () => {
    const path = put('a.safetensors', makeSafetensors(500));
    const id = await start();
    const { entry } = await modelOf(id, 'a.safetensors');
    writeFileSync(path, 'other bytes');
    const file = await db().modelFile.findUniqueOrThrow({ where: { id: entry.fileId ?? 0 } });
    expect(await blobStore().sizeOf(file.sourceSha256)).toBeGreaterThan(500);
    await forgetImport(admin, id);
    expect(await db().modelFile.count({ where: { id: file.id } })).toBe(1);
  });

  it('takes no companion file that was exchanged for a link, and marks nothing verified that it has not read', async () => {
    const secret = mkdtempSync(join(tmpdir(), 'weighhouse outside '));
    writeFileSync(join(secret, 'secret.yaml'), 'password: 1');
    const bytes = makeSafetensors(500);
    put('a.safetensors', bytes);
    put('a.yaml', 'model: 1');
    const id = await start({ dryRun: true });
    rmSync(join(root, 'a.yaml'));
    symlinkSync(join(secret, 'secret.yaml'), join(root, 'a.yaml'));
    await stepImport(admin, id, 'start');
    await runImport(id);
    const { entry } = await modelOf(id, 'a.safetensors');
    expect(await db().sidecar.count({ where: { fileId: entry.fileId } })).toBe(0);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // Damaged in the store since: entering the same bytes again vouches for nothing.
    const stored = blobStore().pathOf(sha256);
    chmodSync(stored, 0o600);
    writeFileSync(stored, makeSafetensors(500));
    const damagedAt = await blobStore().changedAt(sha256);
    put('b.safetensors', bytes);
    await stepImport(admin, id, 'search');
    await runImport(id);
    expect((await db().blob.findUniqueOrThrow({ where: { sha256 } })).verifiedAt?.getTime()).toBeLessThan(
      damagedAt?.getTime() ?? 0,
    );
    await blobStore().remove(sha256);
    await rm(secret, { recursive: true });
  });

  it('is refused outside of the allowed folders, and ends when its account may not any more', async () => {
    await expect(requestImport(admin, { path: tmpdir(), tags: false, dryRun: false })).rejects.toThrow('not allowed');
    put('a.safetensors', makeSafetensors(500));
    const { id } = await requestImport(admin, { path: root, tags: false, dryRun: false });
    await expect(requestImport(admin, { path: root, tags: false, dryRun: false })).rejects.toThrow('already');
    await db().user.update({ where: { id: admin.id }, data: { role: 'moderator' } });
    await runImport(id);
    expect(await db().import.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'failed' });
  });
});
