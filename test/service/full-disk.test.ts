import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Session, signUp } from '../support/http.ts';
import { startTestService, type TestService } from '../support/service.ts';

const MIB = 1024 * 1024;
const mounted: string[] = [];

/** Puts a file system of so many bytes in the place of a folder. */
function mount(folder: string, bytes: number): boolean {
  const isThere = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).status === 0;
  if (isThere) mounted.push(folder);
  return isThere;
}

function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
}

if (!canMount()) console.warn('Skipped: only root may mount the small file systems that this test fills.');

let service: TestService;
let session: Session;
let modelId: number;

beforeAll(async () => {
  if (!canMount()) return;
  service = await startTestService({ demo: true });
  session = await signUp(service.url, 'ada@example.org', 'correct horse battery');
  const { rows } = await (await ask('/api/catalog')).json();
  modelId = rows[0].id;
});
afterAll(async () => {
  for (const folder of mounted) spawnSync('umount', ['--lazy', folder]);
  await service?.dispose();
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(service.url + path, {
    ...init,
    headers: { cookie: session.cookie, origin: service.url, ...init.headers },
  });

it.skipIf(!canMount())('an upload that fills the disk is 507, and goes on from there once there is room', async () => {
  const folder = join(service.home, 'uploads');
  if (!mount(folder, 8 * MIB)) throw new Error('The small file system could not be mounted.');
  const file = randomBytes(24 * MIB);
  const tus = { 'tus-resumable': '1.0.0' };
  const name = Buffer.from('noise.safetensors').toString('base64');
  const created = await ask('/api/uploads', {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(file.length), 'upload-metadata': `filename ${name}` },
  });
  expect(created.status).toBe(201);
  const path = created.headers.get('location') ?? '';
  const send = (offset: number) =>
    ask(path, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: file.subarray(offset),
    });
  const refused = await send(0);
  expect([refused.status, await refused.text()]).toEqual([507, expect.stringContaining('disk space')]);

  const offset = Number((await ask(path, { method: 'HEAD', headers: tus })).headers.get('upload-offset'));
  expect(offset).toBeGreaterThan(0);
  expect(offset).toBeLessThanOrEqual(8 * MIB);
  expect(spawnSync('mount', ['-o', `remount,size=${64 * MIB}`, folder]).status).toBe(0);
  expect((await send(offset)).status).toBe(204);
  const uploads: { filename: string; state: string; file: { id: number } | null }[] = await (
    await ask('/api/uploads-list')
  ).json();
  expect(uploads.find(({ filename }) => filename === 'noise.safetensors')?.state).toBe('stored');
  const found = await ask(`/api/catalog?q=${createHash('sha256').update(file).digest('hex')}`);
  expect((await found.json()).total).toBe(1);
});

it.skipIf(!canMount())('an image that finds no room is 507 in JSON', async () => {
  if (!mount(join(service.home, 'blobs'), 4096)) throw new Error('The small file system could not be mounted.');
  const noise = {
    create: { width: 512, height: 512, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 } },
  } as const;
  const image = await sharp({ create: { ...noise.create, background: 'black' } })
    .png()
    .toBuffer();
  const answer = await ask(`/api/models/${modelId}/pictures?filename=a.png`, {
    method: 'POST',
    body: new Uint8Array(image),
  });
  expect([answer.status, await answer.json()]).toEqual([
    507,
    { error: { code: 'no_room', message: expect.stringContaining('disk space') } },
  ]);
});
