import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useTestEnvironment } from '#test/support/environment.ts';
import { signUp } from '#test/support/http.ts';
import { startWeb, type TestWeb } from '#test/support/web.ts';

await useTestEnvironment();

const EMAIL = 'admin@example.org';
const PUBLIC_URL = 'https://models.example';
const PROXIED = {
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'models.example',
};

let plain: TestWeb;
let named: TestWeb;
let proxied: TestWeb;
beforeAll(async () => {
  plain = await startWeb();
  await signUp(plain.url, EMAIL);
  named = await startWeb({ WEIGHHOUSE_PUBLIC_URL: PUBLIC_URL });
  proxied = await startWeb({ WEIGHHOUSE_TRUSTED_PROXIES: 'loopback' });
});
afterAll(() => Promise.all([plain?.close(), named?.close(), proxied?.close()]));

async function signIn(web: TestWeb, headers: Record<string, string>) {
  const response = await fetch(`${web.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: EMAIL, password: 'correct horse' }),
  });
  const cookies = response.headers.getSetCookie();
  return { status: response.status, cookies, cookie: cookies.map((one) => one.split(';', 1)[0]).join('; ') };
}

/** Asks for a change that is nothing: past the rights, a name without a letter is refused. */
async function change(web: TestWeb, headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${web.url}/api/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"name": ""}',
  });
  return response.status;
}

describe('cookies', () => {
  it('can be set under TLS by nobody else, and are sent nowhere else', async () => {
    for (const [web, headers] of [
      [named, { origin: PUBLIC_URL }],
      [proxied, { ...PROXIED, origin: PUBLIC_URL }],
    ] as const) {
      const { status, cookies, cookie } = await signIn(web, headers);
      expect(status).toBe(200);
      expect(cookies.length).toBeGreaterThan(0);
      for (const text of cookies) {
        expect(text).toMatch(/^__Host-/);
        expect(text).toMatch(/; Path=\/(;|$)/i);
        expect(text).toMatch(/; Secure(;|$)/i);
        expect(text).toMatch(/; HttpOnly(;|$)/i);
        expect(text).toMatch(/; SameSite=Lax(;|$)/i);
        expect(text).not.toMatch(/; Domain=/i);
      }
      expect(await change(web, { ...headers, cookie })).toBe(400);
      // The name that any neighbour of the host could set.
      expect(await change(web, { ...headers, cookie: cookie.replaceAll('__Host-', '') })).toBe(401);
      expect(await change(web, { ...headers, cookie: cookie.replaceAll('__Host-', '__Secure-') })).toBe(401);
    }
  });

  it('have a plain name without TLS, whatever is said of it by nobody in particular', async () => {
    const { status, cookies, cookie } = await signIn(plain, { origin: plain.url, 'x-forwarded-proto': 'https' });
    expect(status).toBe(200);
    for (const text of cookies) expect(text).not.toMatch(/__Host-|; Secure/i);
    expect(await change(plain, { cookie, origin: plain.url })).toBe(400);
  });
});

describe('changes', () => {
  it('are taken from the public URL and the name that the client wrote, to the letter', async () => {
    const { cookie } = await signIn(named, { origin: PUBLIC_URL });
    const from = (origin: string, headers = {}) => change(named, { cookie, origin, ...headers });
    expect(await from(PUBLIC_URL)).toBe(400);
    expect(await from(PUBLIC_URL, { host: 'models.example' })).toBe(400);
    expect(await from(named.url)).toBe(400);
    for (const other of [
      'http://models.example',
      'https://models.example:8443',
      'https://models.example.evil.example',
      'https://evil.example',
      named.url.replace('127.0.0.1', 'localhost'),
      `${named.url}0`,
      'null',
    ])
      expect([other, await from(other)]).toEqual([other, 403]);
    expect(await from('http://models.example', { host: 'models.example' })).toBe(403);
  });

  it('are taken behind a proxy from the name that it says, where it is trusted', async () => {
    const { cookie } = await signIn(proxied, { ...PROXIED, origin: PUBLIC_URL });
    expect(await change(proxied, { ...PROXIED, cookie, origin: PUBLIC_URL })).toBe(400);
    expect(await change(proxied, { ...PROXIED, cookie, origin: proxied.url })).toBe(403);
    const plainly = await signIn(plain, { origin: plain.url });
    expect(await change(plain, { ...PROXIED, cookie: plainly.cookie, origin: PUBLIC_URL })).toBe(403);
  });

  it('are taken from programs, which say no origin, and with a token from anywhere', async () => {
    const { cookie } = await signIn(plain, { origin: plain.url });
    expect(await change(plain, { cookie })).toBe(400);
    expect(await change(plain, { cookie, 'sec-fetch-site': 'none' })).toBe(400);
    expect(await change(plain, { cookie, 'sec-fetch-site': 'same-origin' })).toBe(400);
    const other = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect(await change(plain, { ...other, authorization: 'Bearer wh_unknown' })).toBe(401);
    // With a token no cookie counts, whatever the token is worth.
    expect(await change(plain, { ...other, cookie, authorization: 'Bearer wh_unknown' })).toBe(401);
    expect(await change(plain, { ...other, cookie, authorization: 'Basic YTpi' })).toBe(403);
  });
});
