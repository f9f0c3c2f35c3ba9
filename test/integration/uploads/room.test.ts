import { statfs } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POST } from '#app/api/uploads/[[...path]]/route.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { sweepUploads } from '#lib/uploads/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';

await useTestEnvironment({ WEIGHHOUSE_MAX_UPLOAD_GB: '1000000' });

const TUS = { 'tus-resumable': '1.0.0' };

let service: Awaited<ReturnType<typeof serve>>;
let alice: Session;
beforeAll(async () => {
  service = await serve(async (request) =>
    new URL(request.url).pathname.startsWith('/api/auth')
      ? handleAuth(request)
      : POST(request, { params: Promise.resolve({}) }),
  );
  alice = await signUp(service.url, 'alice@example.org');
});
afterAll(async () => {
  await service.close();
  await stopQueue();
});

async function create(part: number): Promise<{ status: number; location: string; text: string }> {
  const { bavail, bsize } = await statfs(config().home);
  const response = await fetch(`${service.url}/api/uploads`, {
    method: 'POST',
    headers: { ...TUS, cookie: alice.cookie, 'upload-length': String(Math.floor(bavail * bsize * part)) },
  });
  return { status: response.status, location: response.headers.get('location') ?? '', text: await response.text() };
}

const cancel = async (location: string) =>
  (await fetch(new URL(location, service.url), { method: 'DELETE', headers: { ...TUS, cookie: alice.cookie } })).status;

it('reserves room for uploads that are created, until they end', async () => {
  const first = await create(0.6);
  expect(first.status).toBe(201);
  const second = await create(0.6);
  expect([second.status, second.text]).toEqual([507, expect.stringContaining('Not enough disk space on the server')]);

  expect(await cancel(first.location)).toBe(204);
  expect((await create(0.6)).status).toBe(201);
  expect((await create(0.6)).status).toBe(507);
  await sweepUploads(new Date(Date.now() + 8 * 24 * 3600 * 1000));
  const last = await create(0.6);
  expect(last.status).toBe(201);
  expect(await cancel(last.location)).toBe(204);
});

it('never promises the same room twice to those who ask at once', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => create(0.2)));
  const created = answers.filter(({ status }) => status === 201);
  expect(created.length).toBe(4);
  expect(answers.filter(({ status }) => status === 507).length).toBe(8);
  for (const { location } of created) expect(await cancel(location)).toBe(204);
});

it('keeps no room for uploads that are given up, and asks for it again when they go on', async () => {
  const send = (location: string) =>
    fetch(new URL(location, service.url), {
      method: 'PATCH',
      headers: {
        ...TUS,
        cookie: alice.cookie,
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body: 'x',
    });
  const idOf = (location: string) => location.split('/').at(-1) ?? '';
  const abandon = (location: string) =>
    db().$executeRaw`UPDATE upload SET "updatedAt" = now() - interval '25 hours' WHERE id = ${idOf(location)}`;
  const first = await create(0.6);
  await abandon(first.location);
  const second = await create(0.6);
  expect(second.status).toBe(201);

  const refused = await send(first.location);
  expect([refused.status, await refused.text()]).toEqual([
    507,
    expect.stringContaining('Not enough disk space on the server'),
  ]);
  expect(await cancel(second.location)).toBe(204);
  const taken = await send(first.location);
  expect([taken.status, taken.headers.get('upload-offset')]).toEqual([204, '1']);
  expect((await create(0.6)).status).toBe(507);
  expect(await cancel(first.location)).toBe(204);
});
