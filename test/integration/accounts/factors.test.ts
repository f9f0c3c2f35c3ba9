import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Actor,
  actorOf,
  disableUser,
  listSecondFactors,
  listUsers,
  removePasskey,
  resetSecondFactors,
  SESSION_GRANT,
} from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { cookiesOf, handleAuth, post, serve, signUp } from '../../support/http.ts';
import { totpOf } from '../../support/totp.ts';

await useTestEnvironment();

const PASSWORD = 'correct horse';

let service: Awaited<ReturnType<typeof serve>>;
let admin: Actor;
beforeAll(async () => {
  service = await serve(handleAuth);
  admin = { ...(await makeUser('admin')), role: 'admin', grant: SESSION_GRANT };
});
afterAll(() => service.close());
beforeEach(() => db().attempt.deleteMany());

const ask = (path: string, body: unknown, cookie = '') => post(service.url, `/api/auth${path}`, body, { cookie });
const merge = (...cookies: string[]) => cookies.filter((one) => one !== '').join('; ');
const actionsOn = async (subjectId: string) =>
  (await db().auditEntry.findMany({ where: { subjectId }, orderBy: { id: 'asc' } })).map(({ action }) => action);

let count = 0;
/** Somebody whose sign-in takes a code. */
async function withApp() {
  count += 1;
  const email = `factor-${count}@example.org`;
  const { cookie, user } = await signUp(service.url, email, PASSWORD);
  const { totpURI, backupCodes } = (await (await ask('/two-factor/enable', { password: PASSWORD }, cookie)).json()) as {
    totpURI: string;
    backupCodes: string[];
  };
  const key = new URL(totpURI).searchParams.get('secret') ?? '';
  const enabled = await ask('/two-factor/verify-totp', { code: totpOf(key) }, cookie);
  expect(enabled.status).toBe(200);
  return { id: user.id, email, key, codes: backupCodes, cookie: cookiesOf(enabled) };
}
/** The first step; its cookies carry the challenge. */
const firstStep = async (email: string) => {
  const response = await ask('/sign-in/email', { email, password: PASSWORD });
  return { response, cookie: cookiesOf(response) };
};
const signedIn = async (cookie: string) => (await actorOf(new Headers({ cookie }))) !== null;

describe('two-factor authentication', () => {
  it('is on only after a first code, and then a password alone opens nothing', async () => {
    const { cookie, user } = await signUp(service.url, 'half@example.org', PASSWORD);
    expect((await ask('/two-factor/enable', { password: 'a wrong one' }, cookie)).status).toBe(400);
    expect((await ask('/two-factor/enable', { password: PASSWORD }, cookie)).status).toBe(200);
    expect(await signedIn((await firstStep('half@example.org')).cookie)).toBe(true);
    expect(await actionsOn(user.id)).not.toContain('user.enable-two-factor');

    const person = await withApp();
    expect(await actionsOn(person.id)).toContain('user.enable-two-factor');
    expect(await signedIn(person.cookie)).toBe(true);
    const { response, cookie: challenge } = await firstStep(person.email);
    expect(await response.json()).toMatchObject({ twoFactorRedirect: true });
    expect(await signedIn(challenge)).toBe(false);
    const opened = await ask('/two-factor/verify-totp', { code: totpOf(person.key) }, challenge);
    expect(await signedIn(cookiesOf(opened))).toBe(true);
    expect(JSON.stringify(await opened.json())).not.toContain('token');
  });

  it('takes each recovery code once', async () => {
    const { email, codes } = await withApp();
    const use = async (code: string) => {
      const { cookie } = await firstStep(email);
      return cookiesOf(await ask('/two-factor/verify-backup-code', { code }, cookie));
    };
    expect(await signedIn(await use(codes[0] ?? ''))).toBe(true);
    expect(await signedIn(await use(codes[0] ?? ''))).toBe(false);
    expect(await signedIn(await use(codes[1] ?? ''))).toBe(true);
  });

  it('stops guesses of codes', async () => {
    const { email } = await withApp();
    const statuses: number[] = [];
    for (let tries = 0; tries < 40; tries += 1) {
      const { cookie } = await firstStep(email);
      statuses.push((await ask('/two-factor/verify-totp', { code: String(100_000 + tries) }, cookie)).status);
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(30);
    expect(statuses.at(-1)).toBe(429);
  });

  it('keeps neither key nor codes readable in the database', async () => {
    const { key, codes } = await withApp();
    const kept = JSON.stringify(await db().twoFactor.findMany());
    for (const secret of [key, ...codes]) expect(kept).not.toContain(secret);
  });

  it('opens no disabled account, whatever was begun before', async () => {
    const { id, email, key, codes } = await withApp();
    const begun = await firstStep(email);
    await disableUser(admin, id);
    for (const [path, code] of [
      ['/two-factor/verify-totp', totpOf(key)],
      ['/two-factor/verify-backup-code', codes[0]],
    ]) {
      const response = await ask(path ?? '', { code }, begun.cookie);
      expect(response.ok).toBe(false);
      expect(await signedIn(merge(cookiesOf(response)))).toBe(false);
    }
  });

  it('is reset by administrators for who has lost the device, which ends the sessions', async () => {
    const { id, email, cookie } = await withApp();
    expect((await listUsers(admin)).find((user) => user.id === id)).toMatchObject({ twoFactor: true });
    const person = await actorOf(new Headers({ cookie }));
    await expect(resetSecondFactors(person, id)).rejects.toMatchObject({ code: 'forbidden' });
    await resetSecondFactors(admin, id);
    expect(await signedIn(cookie)).toBe(false);
    expect(await signedIn((await firstStep(email)).cookie)).toBe(true);
    expect(await actionsOn(id)).toContain('user.reset-two-factor');
    await expect(resetSecondFactors(admin, id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is turned off with the password', async () => {
    const { id, email, cookie } = await withApp();
    expect((await ask('/two-factor/disable', { password: 'a wrong one' }, cookie)).status).toBe(400);
    expect((await ask('/two-factor/disable', { password: PASSWORD }, cookie)).status).toBe(200);
    expect(await signedIn((await firstStep(email)).cookie)).toBe(true);
    expect(await actionsOn(id)).toContain('user.disable-two-factor');
  });
});

describe('passkeys', () => {
  const addRow = (userId: string) =>
    db().passkey.create({
      data: {
        id: crypto.randomUUID(),
        name: 'laptop',
        publicKey: 'x',
        userId,
        credentialID: crypto.randomUUID(),
        counter: 0,
        deviceType: 'singleDevice',
        backedUp: false,
      },
    });

  it('are removed by their person alone, and counted for administrators', async () => {
    const [one, other] = await Promise.all(
      ['keys-1@example.org', 'keys-2@example.org'].map((email) => signUp(service.url, email, PASSWORD)),
    );
    const { id } = await addRow(one?.user.id ?? '');
    const actorOfOne = await actorOf(new Headers({ cookie: one?.cookie ?? '' }));
    const actorOfOther = await actorOf(new Headers({ cookie: other?.cookie ?? '' }));
    expect((await listUsers(admin)).find((user) => user.id === one?.user.id)?.passkeys).toBe(1);
    expect((await listSecondFactors(actorOfOne)).passkeys).toMatchObject([{ id, name: 'laptop' }]);
    expect((await listSecondFactors(actorOfOther)).passkeys).toEqual([]);
    await expect(removePasskey(actorOfOther, id)).rejects.toMatchObject({ code: 'not_found' });
    await removePasskey(actorOfOne, id);
    expect(await actionsOn(one?.user.id ?? '')).toContain('user.remove-passkey');
  });

  it('are added only soon after signing in', async () => {
    const { cookie, user } = await signUp(service.url, 'keys-3@example.org', PASSWORD);
    const options = () =>
      fetch(`${service.url}/api/auth/passkey/generate-register-options`, { headers: { cookie, origin: service.url } });
    expect((await options()).status).toBe(200);
    await db().session.updateMany({
      where: { userId: user.id },
      data: { createdAt: new Date(Date.now() - 2 * 3_600_000) },
    });
    expect((await options()).status).toBe(403);
  });
});

it.each([
  '/two-factor/send-otp',
  '/two-factor/get-totp-uri',
  '/two-factor/view-backup-codes',
  '/passkey/list-user-passkeys',
  '/list-accounts',
  '/unlink-account',
  '/update-user',
  '/change-email',
  '/delete-user',
  '/revoke-session',
  '/set-password',
])('%s of better-auth is not there', async (path) => {
  const { cookie } = await signUp(service.url, `path${path.replaceAll('/', '-')}@example.org`, PASSWORD);
  expect((await ask(path, {}, cookie)).status).toBe(404);
});
