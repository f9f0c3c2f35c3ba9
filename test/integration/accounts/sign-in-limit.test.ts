import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guard } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { cookiesOf, handleAuth, post, type Session, serve, signUp } from '../../support/http.ts';

// The test's own connections come from this machine, so it is the proxy that is trusted.
await useTestEnvironment({ WEIGHHOUSE_TRUSTED_PROXIES: 'loopback 192.0.2.7' });

const OWNER = 'owner@example.org';
const PASSWORD = 'correct horse';

let service: Awaited<ReturnType<typeof serve>>;
let owner: Session;
/** Id of the last row of the audit log before the test. */
let audited: bigint;
beforeAll(async () => {
  service = await serve(handleAuth);
  await makeUser('admin');
  owner = await signUp(service.url, OWNER, PASSWORD);
});
afterAll(() => service.close());
beforeEach(async () => {
  await db().attempt.deleteMany();
  audited = (await db().auditEntry.findFirst({ orderBy: { id: 'desc' } }))?.id ?? 0n;
});

/** A sign-in from an address, as the trusted proxy would report it. */
const signInFrom = (address: string, email: string, password: string, cookie = '') =>
  post(service.url, '/api/auth/sign-in/email', { email, password }, { 'x-forwarded-for': address, cookie });

/** As if no time went by from here on, however slow the machine is. */
const hold = () =>
  db()
    .$executeRaw`UPDATE attempt SET "blockedUntil" = "blockedUntil" + interval '1 hour' WHERE "blockedUntil" IS NOT NULL`;

/** As if the time to wait had gone by. */
const release = () => db().$executeRaw`UPDATE attempt SET "blockedUntil" = now() WHERE "blockedUntil" IS NOT NULL`;

const attack = (count: number, addressOf: (index: number) => string, email = OWNER) =>
  Promise.all(Array.from({ length: count }, (_, index) => signInFrom(addressOf(index), email, `guess ${index}`)));

/**
 * So many of the tries were looked at, and each further one was told to wait. On a slow machine a second or more goes by
 * meanwhile, and with every doubling one more is looked at.
 */
function expectLimited(responses: Response[], free: number): void {
  const looked = responses.filter(({ status }) => status === 401).length;
  expect(looked).toBeGreaterThan(free);
  expect(looked).toBeLessThanOrEqual(free + 8);
  expect(responses.filter(({ status }) => status === 429)).toHaveLength(responses.length - looked);
}

describe('guesses', () => {
  it('at one account are limited, however many addresses are claimed before the proxy’s own word', async () => {
    const responses = await attack(45, (index) => `203.0.113.${index}, 198.51.100.1`);
    expectLimited(responses, 3);
    const refused = responses.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused?.json()).toEqual({
      error: { code: 'too_many', message: expect.stringMatching(/^Too many attempts\. Try again in \d+ seconds?\.$/) },
    });
  });

  it('at one account are limited from many real addresses too', async () => {
    expectLimited(await attack(45, (index) => `198.51.100.${index}`), 3);
  });

  it('from one address are limited over many accounts, those of one IPv6 network together', async () => {
    const tries = Array.from({ length: 30 }, (_, index) =>
      signInFrom(`2001:db8:1:2::${index}`, `somebody${index}@example.org`, 'guess'),
    );
    expectLimited(await Promise.all(tries), 10);
  });

  it('wait twice as long each time, up to minutes, and are looked at again afterwards', async () => {
    const delays = [];
    for (let round = 0; round < 14; round += 1) {
      expect((await signInFrom(`198.51.100.${round}`, OWNER, 'guess')).status).toBe(401);
      const { lastAt, blockedUntil } = await db().attempt.findFirstOrThrow({
        where: { key: { startsWith: 'sign-in/account/' } },
      });
      delays.push(blockedUntil === null ? 0 : (blockedUntil.getTime() - lastAt.getTime()) / 1000);
      await hold();
      expect((await signInFrom(`198.51.100.${round}`, OWNER, 'guess')).status).toBe(delays.at(-1) === 0 ? 401 : 429);
      await release();
    }
    expect(delays).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
  });

  it('are forgotten after a quiet day', async () => {
    await attack(20, () => '198.51.100.1');
    await db().$executeRaw`
      UPDATE attempt SET "lastAt" = now() - interval '25 hours', "blockedUntil" = now() - interval '24 hours'`;
    for (const { status } of await attack(3, () => '198.51.100.1')) expect(status).toBe(401);
    expect(await db().attempt.count({ where: { failures: { gt: 3 } } })).toBe(0);
  });
});

describe('the right password', () => {
  it('is let in at once from a device that the account has signed in on, whoever guesses meanwhile', async () => {
    await attack(45, (index) => `198.51.100.${index}`);
    await attack(45, () => '192.0.2.99');
    await hold();
    expect((await signInFrom('192.0.2.99', OWNER, PASSWORD, owner.cookie)).status).toBe(200);
    expect((await signInFrom('192.0.2.99', OWNER, PASSWORD)).status).toBe(429);
  });

  it('is let in behind two proxies while another client of theirs is limited', async () => {
    const shared = (index: number) =>
      signInFrom(`1.1.1.${index}, 198.51.100.1, 192.0.2.7`, `other${index}@example.org`, 'guess');
    expectLimited(await Promise.all(Array.from({ length: 30 }, (_, index) => shared(index))), 10);
    await hold();
    expect((await signInFrom('1.1.1.1, 198.51.100.1, 192.0.2.7', 'third@example.org', 'guess')).status).toBe(429);
    expect((await signInFrom('198.51.100.2, 192.0.2.7', OWNER, PASSWORD)).status).toBe(200);
  });

  it('does not make an attacker’s failures undone', async () => {
    await signUp(service.url, 'attacker@example.org', PASSWORD);
    const fresh = (index: number) => signInFrom('198.51.100.1', `other${index}@example.org`, 'guess');
    for (let index = 0; index < 10; index += 1) {
      expect((await fresh(index)).status).toBe(401);
      expect((await signInFrom('198.51.100.1', 'attacker@example.org', PASSWORD)).status).toBe(200);
    }
    expect((await fresh(10)).status).toBe(401);
    await hold();
    expect((await fresh(11)).status).toBe(429);
  });
});

describe('a known device', () => {
  it('is known for its own accounts alone, and by its signature', async () => {
    await attack(45, (index) => `198.51.100.${index}`);
    const stranger = await signUp(service.url, 'stranger@example.org', PASSWORD);
    await hold();
    expect((await signInFrom('192.0.2.1', OWNER, PASSWORD, stranger.cookie)).status).toBe(429);
    const forged = owner.cookie.replace(/(device=[\w-]{22}\.)[\w-]+/, `$1${'A'.repeat(43)}`);
    expect(forged).not.toBe(owner.cookie);
    expect((await signInFrom('192.0.2.1', OWNER, PASSWORD, forged)).status).toBe(429);
  });

  it('is limited by its own failures', async () => {
    const guesses = Array.from({ length: 20 }, () => signInFrom('192.0.2.1', OWNER, 'guess', owner.cookie));
    expectLimited(await Promise.all(guesses), 5);
  });

  it('may be known for several accounts', async () => {
    const second = await signUp(service.url, 'second@example.org', PASSWORD);
    const both = await signInFrom('192.0.2.1', OWNER, PASSWORD, second.cookie);
    const cookie = cookiesOf(both);
    await attack(45, (index) => `198.51.100.${index}`);
    await attack(45, (index) => `198.51.100.${index}`, 'second@example.org');
    await hold();
    for (const email of [OWNER, 'second@example.org'])
      expect((await signInFrom('192.0.2.1', email, PASSWORD, cookie)).status).toBe(200);
  });
});

it('treats an address without an account the same', async () => {
  const [known, unknown] = [OWNER, 'nobody@example.org'].map((email) => async () => {
    await db().attempt.deleteMany();
    const answers = [];
    for (let index = 0; index < 6; index += 1) {
      if (index === 4) await hold();
      const response = await signInFrom('192.0.2.1', email, 'guess');
      const text = (await response.text()).replace(/\d+ (seconds?|minutes)/, 'a while');
      answers.push([response.status, text, cookiesOf(response)]);
    }
    return answers;
  });
  expect(await known?.()).toEqual(await unknown?.());
});

describe('the audit log', () => {
  it('says who was tried, from where and why it failed, and never the password', async () => {
    await signInFrom('198.51.100.1', OWNER, 'guessed password');
    await signInFrom('198.51.100.1', 'Nobody@example.org', 'guessed password');
    const rows = await db().auditEntry.findMany({
      where: { action: 'user.attempt-failed', id: { gt: audited } },
      orderBy: { id: 'asc' },
    });
    const common = { attempt: 'sign-in', address: '198.51.100.1', knownDevice: false };
    expect(rows.map(({ actor, subjectId, after }) => ({ actor, subjectId, after }))).toEqual([
      {
        actor: 'system',
        subjectId: owner.user.id,
        after: { ...common, email: OWNER, reason: 'wrong-password', failures: 1 },
      },
      {
        actor: 'system',
        subjectId: 'unknown',
        after: { ...common, email: 'nobody@example.org', reason: 'unknown-account', failures: 2 },
      },
    ]);
    expect(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      'guessed',
    );
  });

  it('is not filled by an attack', async () => {
    // Each guess from another network at another account, so that no limit holds it back.
    for (let index = 0; index < 300; index += 1) {
      const attempt = await guard('sign-in', { address: `10.0.${index}.1`, account: `made-up-${index}@example.org` });
      await attempt.failed('unknown-account');
    }
    // A hundred, and one for each doubling; another hour may have begun meanwhile.
    const count = await db().auditEntry.count({ where: { action: 'user.attempt-failed', id: { gt: audited } } });
    const hours = await db().attempt.count({ where: { key: { startsWith: 'audit/' } } });
    expect(count).toBeGreaterThanOrEqual(100);
    expect(count).toBeLessThanOrEqual(102 * hours);
  });
});
