import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POST } from '#app/api/uploads/[[...path]]/route.ts';
import { db } from '#lib/db/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';

const MIB = 1024 * 1024;
const { home } = await useTestEnvironment({ WEIGHHOUSE_MAX_UPLOAD_GB: '0.05' });
const folder = join(home, 'uploads');
mkdirSync(folder, { recursive: true });
const run = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const isSmall = process.platform === 'linux' && run('mount', '-t', 'tmpfs', '-o', `size=${8 * MIB}`, 'tmpfs', folder);
if (!isSmall) console.warn('Skipped: no small file system can be mounted here, which takes root.');

let service: Awaited<ReturnType<typeof serve>>;
let session: Session;
beforeAll(async () => {
  service = await serve(async (request) => {
    if (new URL(request.url).pathname.startsWith('/api/auth')) return handleAuth(request);
    return POST(request, { params: Promise.resolve({}) });
  });
  session = await signUp(service.url, 'ada@example.org');
});
afterAll(async () => {
  await service.close();
  await stopQueue();
  if (isSmall) run('umount', '--lazy', folder);
});

const ask = (path: string, method: string, headers: Record<string, string>, body: Uint8Array | null = null) =>
  fetch(new URL(path, service.url), {
    method,
    headers: { 'tus-resumable': '1.0.0', cookie: session.cookie, ...headers },
    body: body as BodyInit | null,
  });

it.skipIf(!isSmall)('an upload that fills the disk is 507, and goes on from there once there is room', async () => {
  const file = randomBytes(24 * MIB);
  const name = Buffer.from('noise.safetensors').toString('base64');
  const created = await ask('/api/uploads', 'POST', {
    'upload-length': String(file.length),
    'upload-metadata': `filename ${name}`,
  });
  expect(created.status).toBe(201);
  const path = created.headers.get('location') ?? '';
  const send = (offset: number) =>
    ask(
      path,
      'PATCH',
      { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      file.subarray(offset),
    );
  const refused = await send(0);
  expect([refused.status, await refused.text()]).toEqual([507, expect.stringContaining('disk space')]);

  const offset = Number((await ask(path, 'HEAD', {})).headers.get('upload-offset'));
  expect(offset).toBeGreaterThan(0);
  expect(offset).toBeLessThanOrEqual(8 * MIB);
  expect(run('mount', '-o', `remount,size=${64 * MIB}`, folder)).toBe(true);
  expect((await send(offset)).status).toBe(204);
  const sha256 = createHash('sha256').update(file).digest('hex');
  expect(await db().upload.findFirstOrThrow()).toMatchObject({ state: 'stored', sha256 });
});
