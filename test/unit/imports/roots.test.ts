import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse-roots-')));
afterAll(() => rmSync(folder, { recursive: true }));
for (const path of ['nas/models/loras', 'nas/.hidden', 'nas-other', 'second'])
  mkdirSync(join(folder, path), { recursive: true });
writeFileSync(join(folder, 'nas/models/loras/a.safetensors'), 'bytes');
writeFileSync(join(folder, 'nas/models/loras/a.preview.png'), 'bytes');
writeFileSync(join(folder, 'nas/models/loras/b.safetensors.part'), 'bytes');
writeFileSync(join(folder, 'nas/models/c.safetensors'), 'more bytes');
symlinkSync(join(folder, 'nas-other'), join(folder, 'nas/out'));
vi.stubEnv('WEIGHHOUSE_IMPORT_ROOTS', ['nas', 'second', 'gone'].map((name) => join(folder, name)).join(delimiter));
const { listImportFolders, searchFolder } = await import('#lib/imports/index.ts');

const admin: Actor = { id: 'a', name: 'A', email: 'a@example.org', role: 'admin', grant: ['admin'] };
const moderator: Actor = { ...admin, role: 'moderator' };

it('lists the allowed folders that are there, and the folders below', async () => {
  const roots = await listImportFolders(admin, null);
  expect(roots.folders.map(({ path }) => path)).toEqual([join(folder, 'nas'), join(folder, 'second')]);
  expect(await listImportFolders(admin, join(folder, 'nas'))).toEqual({
    path: join(folder, 'nas'),
    parent: '',
    layout: 'plain',
    folders: [{ name: 'models', path: join(folder, 'nas/models') }],
  });
  expect((await listImportFolders(admin, join(folder, 'nas/models'))).parent).toBe(join(folder, 'nas'));
});

it.each([
  '/',
  '/etc',
  'nas',
  '../..',
  `${folder}/nas/..`,
  `${folder}/nas-other`,
  `${folder}/nas/out`,
  `${folder}/nas\0`,
])('%j is not found, whether it is there or not', async (path) => {
  const message = 'Folder not found, or not allowed for imports.';
  await expect(listImportFolders(admin, path)).rejects.toThrow(message);
  await expect(searchFolder(admin, path)).rejects.toThrow(message);
});

it('says what an import would find', async () => {
  const { reasons, ...found } = await searchFolder(admin, join(folder, 'nas'));
  expect(found).toEqual({
    layout: 'plain',
    models: 2,
    bytes: 15,
    companions: 1,
    types: [
      { type: null, models: 1, bytes: 10 },
      { type: 'lora', models: 1, bytes: 5 },
    ],
    passedOver: 3,
  });
  expect(reasons.map(({ path, why }) => `${path} ${why}`).sort()).toEqual([
    '.hidden hidden',
    'models/loras/b.safetensors.part unfinished',
    'out link-outside',
  ]);
});

it('is for administrators alone', async () => {
  await expect(listImportFolders(moderator, null)).rejects.toThrow('does not allow');
  await expect(searchFolder(moderator, join(folder, 'nas'))).rejects.toThrow('does not allow');
});
