import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Actor,
  actorOf,
  createInvitation,
  createUser,
  disableUser,
  NEW_INVITATION,
  SESSION_GRANT,
} from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { handleAuth, serve, signUp } from '../../support/http.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';

// Its address is a setting, so that it is there before the settings are read.
const service = await serve(handleAuth);
const provider = await startOidcProvider(`${service.url}/api/auth/callback/oidc`);
await useTestEnvironment({
  WEIGHHOUSE_PUBLIC_URL: service.url,
  WEIGHHOUSE_OIDC_ISSUER: provider.issuer,
  WEIGHHOUSE_OIDC_CLIENT_ID: provider.clientId,
  WEIGHHOUSE_OIDC_CLIENT_SECRET: provider.clientSecret,
});

let admin: Actor;
beforeAll(async () => {
  admin = { ...(await makeUser('admin')), role: 'admin', grant: SESSION_GRANT };
});
afterAll(async () => {
  await service.close();
  await provider.close();
});

/** Cookies by site, as a browser keeps them. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(url: string): string {
    return [...(this.#jars.get(new URL(url).origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookies(url));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const jar = this.#jars.get(new URL(url).origin) ?? new Map<string, string>();
    this.#jars.set(new URL(url).origin, jar);
    for (const text of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '' || /max-age=0/i.test(text) || /expires=Thu, 01 Jan 1970/i.test(text)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects to a page: its address and text, or the first address of the catalog that is no callback. */
  async follow(url: string, init: RequestInit = {}): Promise<{ url: string; text: string }> {
    let response = await this.ask(url, init);
    let at = url;
    for (let hops = 0; response.status >= 300 && response.status < 400 && hops < 20; hops += 1) {
      at = new URL(response.headers.get('location') ?? '', at).href;
      if (at.startsWith(service.url) && !at.includes('/api/auth/')) return { url: at, text: '' };
      response = await this.ask(at);
    }
    return { url: at, text: await response.text() };
  }
}

/** Somebody signs in at the provider and agrees to everything. Returns where they end, and as whom. */
async function signInAs(login: string, next = '/models/1') {
  const browser = new Browser();
  const begun = await browser.ask(`${service.url}/api/auth/sign-in/social`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify({ provider: 'oidc', next }),
  });
  if (!begun.ok) return { status: begun.status, path: '', actor: null };
  let page = await browser.follow(((await begun.json()) as { url: string }).url);
  for (const prompt of ['login', 'consent']) {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) break;
    page = await browser.follow(new URL(action, page.url).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'anything' }) }),
    });
  }
  const { pathname, search } = new URL(page.url);
  const actor = await actorOf(new Headers({ cookie: browser.cookies(service.url) }));
  return { status: begun.status, path: pathname + search, actor };
}

it('opens an account whose address is verified on both sides, again and again', async () => {
  const { id } = await createUser(admin, { name: 'Eve', email: 'eve@example.org', role: 'moderator' });
  for (let times = 0; times < 2; times += 1)
    expect(await signInAs('eve')).toMatchObject({ path: '/models/1', actor: { id, role: 'moderator', name: 'Eve' } });
  const accounts = await db().account.findMany({ where: { userId: id } });
  expect(accounts).toHaveLength(1);
  expect(accounts[0]).toMatchObject({ accessToken: null, refreshToken: null, idToken: null });
});

it('opens no account whose address nobody has verified here, or the provider has not', async () => {
  await signUp(service.url, 'self@example.org');
  expect(await signInAs('self')).toMatchObject({
    path: expect.stringMatching(/^\/sign-in\?error=account_not_linked/),
    actor: null,
  });
  expect(await signInAs('unverified-eve')).toMatchObject({
    path: expect.stringMatching(/^\/sign-in\?error=account_not_linked/),
    actor: null,
  });
});

it('opens no disabled account', async () => {
  const { id } = await createUser(admin, { name: 'Gone', email: 'gone@example.org', role: 'uploader' });
  expect((await signInAs('gone')).actor).toMatchObject({ id });
  await disableUser(admin, id);
  expect(await signInAs('gone')).toMatchObject({
    path: expect.stringMatching(/^\/sign-in\?error=account_disabled/),
    actor: null,
  });
});

it('makes accounts by invitation, or where the setting says so', async () => {
  expect(await signInAs('stranger')).toMatchObject({
    path: expect.stringMatching(/^\/sign-in\?error=signup_disabled/),
    actor: null,
  });
  await createInvitation(admin, NEW_INVITATION.parse({ email: 'invited@example.org', role: 'moderator' }));
  expect((await signInAs('invited')).actor).toMatchObject({ role: 'moderator', email: 'invited@example.org' });
  expect(await db().invitation.count({ where: { acceptedAt: { not: null } } })).toBe(1);
  // The address has to be verified by the provider for that too.
  await createInvitation(admin, NEW_INVITATION.parse({ email: 'squat@example.org', role: 'admin' }));
  expect((await signInAs('unverified-squat')).actor).toBeNull();

  const { oidc } = config();
  if (oidc !== null) oidc.signUp = 'viewer';
  expect((await signInAs('newcomer')).actor).toMatchObject({ role: 'viewer', name: 'newcomer' });
});

it.each(['https://evil.example', '//evil.example', '/\\evil.example'])('sends nobody on to %s', async (next) => {
  expect(await signInAs('eve', next)).toMatchObject({ status: 400 });
});
