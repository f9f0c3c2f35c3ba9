import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { getImport, requestImport, runImport, setImportSchedule, watchImports } from '#lib/imports/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { makeUser } from '#test/support/files.ts';
import { makeSafetensors } from '#test/support/small-safetensors.ts';
import { waitFor } from '#test/support/wait-for.ts';

const allowed = mkdtempSync(join(tmpdir(), 'weighhouse watched '));
await useTestEnvironment({ WEIGHHOUSE_IMPORT_ROOTS: allowed });
afterAll(async () => {
  await stopQueue();
  await rm(allowed, { recursive: true });
});

const FAST = { quietMs: 50, pollMs: 50 };
let admin: Actor;
let root: string;
let id: number;
const open: { stop: () => Promise<void> }[] = [];
beforeEach(async () => {
  admin = await makeUser('admin');
  root = mkdtempSync(join(allowed, 'models '));
  put('a.safetensors', 500);
  ({ id } = await requestImport(admin, { path: root, tags: false, dryRun: false }));
  await runImport(id);
  await setImportSchedule(admin, id, { schedule: 'daily' });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

function put(name: string, size: number, age = 10): void {
  const path = join(root, name);
  writeFileSync(path, makeSafetensors(size));
  utimesSync(path, new Date(), new Date(Date.now() - age * 1000));
}

const view = () => getImport(admin, id);
const imported = async () => (await view()).counts.imported.files;

it('searches a folder when something was put into it, by one of all processes', async () => {
  open.push(watchImports(FAST));
  await waitFor(view, ({ watched }) => watched);
  // It waits for the lock of the first, and takes over.
  const second = watchImports(FAST);
  open.push(second);
  put('b.safetensors', 501);
  await waitFor(view, ({ state }) => state === 'searching');
  await runImport(id);
  expect(await imported()).toBe(2);
  await open.shift()?.stop();
  await waitFor(view, ({ watched }) => watched);
  put('c.safetensors', 502);
  await waitFor(view, ({ state }) => state === 'searching');
  await runImport(id);
  expect(await imported()).toBe(3);
});

it('leaves a file that was written a moment ago to the next search', async () => {
  open.push(watchImports(FAST));
  await waitFor(view, ({ watched }) => watched);
  put('b.safetensors', 501, 0);
  await waitFor(view, ({ state }) => state === 'searching');
  await runImport(id);
  expect((await view()).counts).toMatchObject({ imported: { files: 1 }, refused: { files: 1 } });
  put('b.safetensors', 501);
  await waitFor(view, ({ state }) => state === 'searching');
  await runImport(id);
  expect((await view()).counts).toMatchObject({ imported: { files: 2 }, refused: { files: 0 } });
});

it('says where the system cannot watch, and watches nothing that is searched by hand', async () => {
  open.push(watchImports({ ...FAST, maxFolders: 0 }));
  const { watched, watchNote } = await waitFor(view, (found) => found.watchNote !== null);
  expect([watched, watchNote]).toEqual([false, expect.stringMatching(/only found when the folder is searched: .*\.$/)]);
  await open.shift()?.stop();
  open.push(watchImports(FAST));
  await waitFor(view, (found) => found.watched);
  await setImportSchedule(admin, id, { schedule: 'manual' });
  await waitFor(view, (found) => !found.watched);
});
