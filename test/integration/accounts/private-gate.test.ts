import { globSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redirectVisitor } from '#app/private-gate.ts';
import { createApiToken } from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { readPath } from '#lib/http/index.ts';
import { setClient } from '#lib/proxies/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { handleAuth, serve, signIn, signUp } from '../../support/http.ts';

await useTestEnvironment({ WEIGHHOUSE_PRIVATE: 'yes', WEIGHHOUSE_SIGN_UP: 'viewer' });

const ROOT = join(import.meta.dirname, '..', '..', '..');
const OPEN = ['', 'sign-in', 'sign-up', 'forgot-password', 'reset-password', 'invitation'];
/** Every page there is, with a model's id where one has its own. */
const PAGES = globSync('app/**/page.tsx', { cwd: ROOT })
  .map((file) => file.replace(/^app\/|\(\w+\)\/|\/?page\.tsx$/g, '').replace('[id]', '1'))
  .sort();

/** Answers as the web process does before it asks Next: 200 stands for what Next would make of it. */
const gate = createServer(async (request, response) => {
  setClient(request, config().trustedProxies);
  const path = readPath(request.url ?? '/');
  const to = path === null ? null : await redirectVisitor(request, path);
  response.writeHead(path === null ? 400 : to === null ? 200 : 307, to === null ? {} : { location: to }).end();
});
let cookie: string;
let token: string;
beforeAll(async () => {
  await new Promise<void>((ready) => gate.listen(0, '127.0.0.1', ready));
  const admin = await makeUser('admin');
  token = (await createApiToken(admin.id, 'script', ['read'])).token;
  const service = await serve(handleAuth);
  await signUp(service.url, 'ada@example.org');
  cookie = (await signIn(service.url, 'ada@example.org')).cookie;
  await service.close();
});
afterAll(() => gate.close());

/** The status and the redirect of a request whose path is sent as it stands. */
function ask(path: string, headers: Record<string, string> = {}): Promise<[number, string | undefined]> {
  const { port } = gate.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    httpRequest({ port, path, headers }, (response) => {
      response.resume();
      resolve([response.statusCode ?? 0, response.headers.location]);
    })
      .on('error', reject)
      .end();
  });
}

it.each(PAGES.filter((page) => !OPEN.includes(page)))(
  'sends visitors of /%s to sign in, and lets others in',
  async (page) => {
    const away = [307, `/sign-in?next=${encodeURIComponent(`/${page}`)}`];
    for (const headers of [
      {},
      { rsc: '1' },
      { cookie: 'weighhouse.session_token=forged' },
      { authorization: 'Bearer wh_x' },
    ])
      expect(await ask(`/${page}`, headers)).toEqual(away);
    for (const headers of [{ cookie }, { authorization: `Bearer ${token}` }])
      expect(await ask(`/${page}`, headers)).toEqual([200, undefined]);
  },
);

it.each([
  ...['/nothing-here', '/models/1.txt', '/_next/data/x/models/1.json', '/MODELS/1', '//models/1', '/models/1?_rsc=x'],
  ...['/api/../models/1', '/api/%2e%2e/models/1', '/api/..%2fmodels/1', '/_next/static/../../models/1'],
  ...['/api/..\\models/1', '/sign-in/../models/1', '/_next/image?url=%2Fapi%2Fpictures%2F1&w=640&q=75'],
])('lets no visitor get to %s', async (path) => {
  expect((await ask(path))[0]).toBe(307);
});

it.each([
  ...OPEN.map((page) => `/${page}`),
  '/_next/static/chunks/a.js',
  '/icon.svg',
  '/api/health',
  '/sign-in?next=%2F',
])('leaves %s to visitors', async (path) => {
  expect(await ask(path)).toEqual([200, undefined]);
});

it('is open where the catalog is', async () => {
  config().privateCatalog = false;
  expect(await ask('/models/1')).toEqual([200, undefined]);
  config().privateCatalog = true;
});
