import { globSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookiesOf, post } from '../support/http.ts';
import { startTestService, type TestService } from '../support/service.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ADMIN = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const OPEN = ['', 'sign-in', 'sign-up', 'forgot-password', 'reset-password', 'invitation'];

/** Every page there is, with a model's id where one has its own. */
const PAGES = globSync('app/**/page.tsx', { cwd: ROOT })
  .map((file) => file.replace(/^app\/|\(\w+\)\/|\/?page\.tsx$/g, '').replace('[id]', '1'))
  .sort();

let service: TestService;
let cookie: string;
let card: string;
beforeAll(async () => {
  const lan = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  card = lan?.address ?? '';
  service = await startTestService({ demo: true, env: { WEIGHHOUSE_PRIVATE: 'yes', HOST: '0.0.0.0' } });
});
afterAll(() => service.dispose());

/** The status and the whole answer to a request whose path is sent as it stands. */
function raw(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; to: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    httpRequest({ hostname, port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, to: response.headers.location ?? '' }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('a private catalog', () => {
  it('gives its first account to somebody on another machine for the printed code alone', async (context) => {
    const [code = ''] = /\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(service.output()) ?? [];
    expect(code).not.toBe('');
    if (card === '') context.skip('This machine has no address but loopback.');
    const lan = `http://${card}:${new URL(service.url).port}`;
    expect(await (await fetch(`${lan}/sign-up`)).text()).toContain('Setup code');
    expect(await (await fetch(`${service.url}/sign-up`)).text()).not.toContain('Setup code');
    expect((await post(lan, '/api/auth/sign-up/email', ADMIN)).status).toBe(403);
    expect((await post(lan, '/api/auth/sign-up/email', ADMIN, { 'x-forwarded-for': '127.0.0.1' })).status).toBe(403);
    expect((await post(lan, '/api/auth/sign-up/email', { ...ADMIN, setupCode: 'AAAA-AAAA-AAAA' })).status).toBe(403);
    expect((await post(lan, '/api/auth/sign-up/email', { ...ADMIN, setupCode: code })).status).toBe(200);
  });

  it('takes no further account without an invitation', async () => {
    // Made here where the machine has no other address to make it from.
    await post(service.url, '/api/auth/sign-up/email', ADMIN);
    const response = await post(service.url, '/api/auth/sign-up/email', { ...ADMIN, email: 'ben@example.org' });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('by invitation')]);
    const signedIn = await post(service.url, '/api/auth/sign-in/email', {
      email: ADMIN.email,
      password: ADMIN.password,
    });
    expect(signedIn.status).toBe(200);
    cookie = cookiesOf(signedIn);
    // For the page that shows one.
    const change = { action: 'add-tags', params: { tags: ['looked at'] }, ids: [1] };
    expect(await (await post(service.url, '/api/bulk', change, { cookie })).json()).toEqual({ id: 1, total: 1 });
  });

  it.each(PAGES.filter((page) => !OPEN.includes(page)))('sends visitors of /%s to sign in', async (page) => {
    for (const headers of [{}, { rsc: '1' }, { rsc: '1', 'next-router-prefetch': '1' }]) {
      const { status, to } = await raw(`/${page}`, headers);
      expect([status, to]).toEqual([307, `/sign-in?next=${encodeURIComponent(`/${page}`)}`]);
    }
    expect((await raw(`/${page}`, { cookie })).status).toBe(200);
  });

  it.each(OPEN)('shows visitors nothing of a model on /%s', async (page) => {
    const { text } = await raw(`/${page}`);
    expect(text).not.toMatch(/demo|safetensors"|models\/\d/i);
  });

  it.each([
    ...['/nothing-here', '/models/999999', '/models/1.txt', '/_next/data/x/models/1.json', '/MODELS/1', '//models/1'],
    ...[
      '/api/../models/1',
      '/api/%2e%2e/models/1',
      '/api/..%2fmodels/1',
      '/_next/static/../../models/1',
      '/api\\..\\models/1',
    ],
    ...['/_next/image?url=%2Fapi%2Fpictures%2F1&w=640&q=75', '/sign-in/../models/1', '/models/1?_rsc=x'],
  ])('says nothing to visitors at %s', async (path) => {
    const { status, text } = await raw(path);
    expect([307, 308, 400, 404]).toContain(status);
    expect(text).not.toMatch(/safetensors|embedding|checkpoint/i);
  });
});

it('has no second copy of pictures for whoever asks', async () => {
  for (const headers of [{ cookie }, {}])
    expect((await raw('/_next/image?url=%2Ficon.svg&w=640&q=75', headers)).status).not.toBe(200);
  expect((await raw('/_next/image?url=%2Fapi%2Fpictures%2F1&w=640&q=75', { cookie })).status).toBe(404);
});
