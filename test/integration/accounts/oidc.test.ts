import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Actor,
  actorOf,
  createInvitation,
  createUser,
  disableUser,
  NEW_INVITATION,
  readProviderLink,
  removePasskey,
  SESSION_GRANT,
  unlinkProvider,
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

  /** Takes the cookies of somebody who has signed in already. */
  adopt(url: string, cookies: string): void {
    const pairs = cookies
      .split('; ')
      .map((text) => [text.split('=', 1)[0] ?? '', text.slice(text.indexOf('=') + 1)] as const);
    this.#jars.set(new URL(url).origin, new Map(pairs));
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
const signInAs = (login: string, next = '/models/1') =>
  passProvider(new Browser(), login, 'sign-in/social', { provider: 'oidc', next });

/** Somebody with a session links the own account to one at the provider. */
function linkTo(login: string, cookies: string) {
  const browser = new Browser();
  browser.adopt(service.url, cookies);
  return passProvider(browser, login, 'link-social', { provider: 'oidc' });
}

async function passProvider(browser: Browser, login: string, path: string, body: object) {
  const begun = await browser.ask(`${service.url}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify(body),
  });
  if (!begun.ok) return { status: begun.status, path: '', actor: null, cookie: '' };
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
  const cookie = browser.cookies(service.url);
  return { status: begun.status, path: pathname + search, actor: await actorOf(new Headers({ cookie })), cookie };
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

describe('an account', () => {
  const headersOf = (cookie: string) => new Headers({ cookie });
  const actorWith = async (cookie: string) => {
    const actor = await actorOf(headersOf(cookie));
    if (actor === null) throw new Error('Nobody is signed in.');
    return actor;
  };
  const makeOlder = (userId: string) =>
    db().session.updateMany({ where: { userId }, data: { createdAt: new Date(Date.now() - 3_600_000) } });

  it('is linked to the provider in its own session, and unlinked', async () => {
    const { cookie, user } = await signUp(service.url, 'linked@example.org');
    expect(await signInAs('linked')).toMatchObject({ actor: null });
    expect(await linkTo('linked', cookie)).toMatchObject({ path: '/account', actor: { id: user.id } });
    expect(await signInAs('linked')).toMatchObject({ actor: { id: user.id } });
    expect(await readProviderLink(await actorWith(cookie))).not.toBeNull();

    await unlinkProvider(await actorWith(cookie), headersOf(cookie));
    expect(await signInAs('linked')).toMatchObject({ actor: null });
    expect(await readProviderLink(await actorWith(cookie))).toBeNull();
    await expect(unlinkProvider(await actorWith(cookie), headersOf(cookie))).rejects.toMatchObject({
      code: 'not_found',
    });
    const actions = await db().auditEntry.findMany({ where: { subjectId: user.id }, orderBy: { id: 'asc' } });
    expect(actions.map(({ action }) => action).slice(-2)).toEqual(['user.link-provider', 'user.unlink-provider']);
  });

  it.each([
    ['other', 'email_does_not_match'],
    ['unverified-owner', 'unable_to_link_account'],
  ])('is not linked to the account %s', async (login, code) => {
    const { cookie, user } = await signUp(service.url, 'owner@example.org');
    expect(await linkTo(login, cookie)).toMatchObject({ path: expect.stringContaining(`/account?error=${code}`) });
    expect(await db().account.count({ where: { userId: user.id, providerId: 'oidc' } })).toBe(0);
    await db().user.delete({ where: { id: user.id } });
  });

  it('is linked and unlinked within an hour of signing in alone, and by nobody else', async () => {
    const { cookie, user } = await signUp(service.url, 'older@example.org');
    await makeOlder(user.id);
    expect(await linkTo('older', cookie)).toMatchObject({ status: 403 });
    await expect(unlinkProvider(await actorWith(cookie), headersOf(cookie))).rejects.toThrow(/within the last hour/);
    expect(await linkTo('older', '')).toMatchObject({ status: 403 });
  });

  it('keeps the last way to sign in', async () => {
    const { id } = await createUser(admin, { name: 'Fay', email: 'fay@example.org', role: 'viewer' });
    const { actor, cookie } = await signInAs('fay');
    await expect(unlinkProvider(actor, headersOf(cookie))).rejects.toMatchObject({ code: 'conflict' });
    expect((await signInAs('fay')).actor).toMatchObject({ id });

    const key = { publicKey: 'none', counter: 0, deviceType: 'singleDevice', backedUp: false };
    await db().passkey.create({ data: { id: 'fay', userId: id, credentialID: 'fay', ...key } });
    await unlinkProvider(actor, headersOf(cookie));
    await expect(removePasskey(actor, 'fay')).rejects.toMatchObject({ code: 'conflict' });
    expect(await db().passkey.count({ where: { userId: id } })).toBe(1);
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
