import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSetupCode } from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { cookiesOf, handleAuth, post, serve, signIn, signUp } from '../../support/http.ts';

await useTestEnvironment();

let service: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  service = await serve(handleAuth);
});
afterAll(() => service.close());
beforeEach(async () => {
  await db().attempt.deleteMany();
  await db().user.deleteMany();
});

const PERSON = { name: 'Ada', email: 'ada@example.org', password: 'correct horse' };
const send = (body: object, headers: Record<string, string> = {}) =>
  post(service.url, '/api/auth/sign-up/email', body, headers);
/** A header that a proxy adds: the request is then not one of this machine. */
const ELSEWHERE = { 'x-forwarded-for': '192.0.2.1' };
const messageOf = async (response: Response) =>
  ((await response.json()) as { error: { message: string } }).error.message;
const roles = async () => (await db().user.findMany({ select: { role: true } })).map(({ role }) => role).sort();

describe('the first account', () => {
  it('is made without more from this machine', async () => {
    expect((await send(PERSON)).status).toBe(200);
    expect(await roles()).toEqual(['admin']);
    const { id } = await db().user.findFirstOrThrow();
    expect(await db().auditEntry.count({ where: { action: 'user.first-admin', subjectId: id } })).toBe(1);
  });

  it('takes the setup code from elsewhere', async () => {
    const code = await readSetupCode();
    expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
    const without = await send(PERSON, ELSEWHERE);
    expect([without.status, await messageOf(without)]).toEqual([403, expect.stringContaining('Enter the setup code')]);
    const wrong = await send({ ...PERSON, setupCode: 'AAAA-AAAA-AAAA' }, ELSEWHERE);
    expect([wrong.status, await messageOf(wrong)]).toEqual([403, expect.stringContaining('not the setup code')]);
    expect(await roles()).toEqual([]);

    expect(
      (await send({ ...PERSON, setupCode: ` ${code.toLowerCase().replaceAll('-', ' ')} ` }, ELSEWHERE)).status,
    ).toBe(200);
    expect(await roles()).toEqual(['admin']);
    // Whoever sees it in a log later has no use for it.
    expect(await readSetupCode()).not.toBe(code);
  });

  it('gives few tries at the code, also for the right one afterwards', async () => {
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_, index) => send({ ...PERSON, setupCode: `AAAA-AAAA-${1000 + index}` }, ELSEWHERE)),
    );
    expect(tries.filter(({ status }) => status === 403).length).toBeLessThan(16);
    await db()
      .$executeRaw`UPDATE attempt SET "blockedUntil" = now() + interval '1 hour' WHERE "blockedUntil" IS NOT NULL`;
    expect((await send({ ...PERSON, setupCode: await readSetupCode() }, ELSEWHERE)).status).toBe(429);
    expect(await roles()).toEqual([]);
  });

  it('is one alone, of several that are made at the same moment', async () => {
    const setupCode = await readSetupCode();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => send({ ...PERSON, email: `${index}@example.org`, setupCode }, ELSEWHERE)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await roles()).toEqual(['admin', 'uploader', 'uploader', 'uploader', 'uploader', 'uploader']);
  });
});

describe('an address that has an account', () => {
  it('gets the answer that every other one gets, and keeps its account', async () => {
    await makeUser('admin');
    const fresh = await send(PERSON);
    const taken = await send({ ...PERSON, email: 'ADA@example.org', password: 'another password', name: 'Eve' });
    expect([taken.status, cookiesOf(taken), await taken.text()]).toEqual([
      fresh.status,
      cookiesOf(fresh),
      await fresh.text(),
    ]);
    expect(cookiesOf(fresh)).toBe('');
    expect((await signIn(service.url, PERSON.email, PERSON.password)).user).toMatchObject({ name: 'Ada' });
    await expect(signIn(service.url, PERSON.email, 'another password')).rejects.toThrow(/401/);
  });
});

describe('a closed sign-up', () => {
  const { signUp: before } = config();
  afterEach(() => {
    config().signUp = before;
  });
  it.each(['invitation', 'closed'] as const)(
    '(%s) refuses with words, and says nothing of addresses',
    async (setting) => {
      config().signUp = setting;
      expect((await send(PERSON)).status).toBe(200);
      const [known, unknown] = [await send(PERSON), await send({ ...PERSON, email: 'new@example.org' })];
      expect([known.status, unknown.status]).toEqual([403, 403]);
      expect(await messageOf(known)).toBe(await messageOf(unknown));
      expect(await roles()).toEqual(['admin']);
    },
  );

  it('lets the first account be made, and of several at the same moment no second one', async () => {
    config().signUp = 'invitation';
    const answers = await Promise.all([1, 2, 3].map((index) => send({ ...PERSON, email: `${index}@example.org` })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    expect(await roles()).toEqual(['admin']);
  });
});

it('takes a name, an address and a password from the body, and no other field', async () => {
  const admin = await makeUser('admin');
  const columns = Object.keys(admin);
  const field = fc.oneof(fc.constantFrom(...columns, 'banned', 'emailVerified', 'image'), fc.string({ minLength: 1 }));
  const value = fc.oneof(fc.constantFrom('admin', 'https://elsewhere.example/x.png'), fc.boolean(), fc.jsonValue());
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.dictionary(field, value, { minKeys: 1, maxKeys: 4 }), async (extra) => {
      await db().attempt.deleteMany();
      count += 1;
      const email = `extra-${count}@example.org`;
      const response = await send({ ...extra, ...PERSON, email });
      const made = await db().user.findUnique({ where: { email } });
      const known = ['name', 'email', 'password', 'setupCode', 'callbackURL', 'rememberMe'];
      if (Object.keys(extra).some((key) => !known.includes(key))) {
        expect([response.status, made]).toEqual([400, null]);
      } else if (made !== null) {
        expect(made).toMatchObject({ name: 'Ada', email, role: 'uploader', image: null, emailVerified: false });
      }
    }),
    { numRuns: 40 },
  );
});

describe('what is below /api/auth', () => {
  it('is what is listed, and nothing else of the library', async () => {
    const { cookie } = await signUp(service.url, PERSON.email);
    const paths = [
      ...['list-sessions', 'list-accounts', 'ok', 'error', 'verify-email', 'delete-user/callback', 'account-info'],
      ...['reset-password/token', 'callback/github', 'change-email', 'sign-up', '', '../health', 'get-session/'],
    ];
    for (const path of paths) {
      const response = await fetch(`${service.url}/api/auth/${path}`, { headers: { cookie }, redirect: 'manual' });
      expect([path, response.status]).toEqual([path, 404]);
    }
    for (const path of ['update-user', 'change-email', 'change-password', 'delete-user', 'revoke-session']) {
      const response = await post(
        service.url,
        `/api/auth/${path}`,
        { image: 'https://elsewhere.example/x.png' },
        { cookie },
      );
      expect([path, response.status]).toEqual([path, 404]);
    }
    // Other providers than the one that the operator names, and there is none here.
    for (const provider of ['github', 'oidc']) {
      const response = await post(service.url, '/api/auth/sign-in/social', { provider, next: '/' }, { cookie });
      expect([provider, response.ok]).toEqual([provider, false]);
    }
  });

  it('names no token of a session in any answer', async () => {
    const { cookie } = await signUp(service.url, PERSON.email);
    const { token } = await db().session.findFirstOrThrow();
    const session = await fetch(`${service.url}/api/auth/get-session`, { headers: { cookie } });
    const answers = [session, await post(service.url, '/api/auth/sign-in/email', PERSON_SIGN_IN)];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
      const text = await answer.text();
      expect(text).not.toContain(token);
      expect(text).not.toMatch(/"token"/);
    }
    expect(await (await post(service.url, '/api/auth/sign-out', {}, { cookie })).json()).toEqual({ success: true });
    expect(await db().session.count({ where: { token } })).toBe(0);
  });
});

const PERSON_SIGN_IN = { email: PERSON.email, password: PERSON.password };
