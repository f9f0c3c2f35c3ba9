import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCEPTANCE,
  type Actor,
  acceptInvitation,
  actorOf,
  changePassword,
  createInvitation,
  disableUser,
  endOtherSessions,
  endOwnSession,
  listInvitations,
  listOwnSessions,
  mailPasswordLink,
  NEW_INVITATION,
  readInvitation,
  renameSelf,
  resetPassword,
  revokeInvitation,
  SESSION_GRANT,
  setRole,
} from '#lib/accounts/index.ts';
import { describeDevice } from '#lib/accounts/sessions.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { handleAuth, serve, signUp } from '../../support/http.ts';

const mail = await startMailServer();
await useTestEnvironment({
  WEIGHHOUSE_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
  WEIGHHOUSE_MAIL_FROM: 'catalog@example.org',
  WEIGHHOUSE_PUBLIC_URL: 'https://models.example.org',
});

let service: Awaited<ReturnType<typeof serve>>;
let admin: Actor;
const asAdmin = async (): Promise<Actor> => ({ ...(await makeUser('admin')), role: 'admin', grant: SESSION_GRANT });
beforeAll(async () => {
  service = await serve(handleAuth);
  admin = await asAdmin();
});
afterAll(async () => {
  await service.close();
  mail.close();
});

const signIn = (email: string, password: string, userAgent = 'curl/8.5.0') =>
  fetch(`${service.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://models.example.org', 'user-agent': userAgent },
    body: JSON.stringify({ email, password }),
  });
const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0])
    .join('; ');
const secretOf = (path: string) => path.split('#')[1] ?? '';

describe('an invitation', () => {
  const accept = (token: string, email: string | null) =>
    acceptInvitation(ACCEPTANCE.parse({ token, name: 'Guest', email, password: 'correct horse' }));
  const invite = (given: object, actor = admin) =>
    createInvitation(actor, NEW_INVITATION.parse({ role: 'moderator', ...given }));

  it('makes one account with its role and address, and is kept as a digest', async () => {
    const { id, path } = await invite({ email: 'Guest@Example.org' });
    const token = secretOf(path);
    expect(await readInvitation(token)).toEqual({ email: 'guest@example.org', role: 'moderator' });
    expect(JSON.stringify(await db().invitation.findMany())).not.toContain(token);

    const results = await Promise.allSettled([accept(token, 'other@example.org'), accept(token, null)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await db().user.findUniqueOrThrow({ where: { email: 'guest@example.org' } })).toMatchObject({
      role: 'moderator',
      emailVerified: true,
    });
    expect((await signIn('guest@example.org', 'correct horse')).status).toBe(200);
    expect((await listInvitations(admin)).find((one) => one.id === id)?.state).toBe('accepted');
  });

  it('lets the person choose the address where it names none, which then is not verified', async () => {
    const { path } = await invite({ role: 'viewer' });
    await expect(accept(secretOf(path), null)).rejects.toThrow(/Enter an e-mail/);
    await expect(accept(secretOf(path), 'guest@example.org')).rejects.toMatchObject({ code: 'conflict' });
    await accept(secretOf(path), 'chosen@example.org');
    expect(await db().user.findUniqueOrThrow({ where: { email: 'chosen@example.org' } })).toMatchObject({
      role: 'viewer',
      emailVerified: false,
    });
  });

  const ENDS: [string, (invitation: { id: string }, by: Actor) => Promise<unknown>][] = [
    ['revoked', ({ id }) => revokeInvitation(admin, id)],
    ['expired', ({ id }) => db().invitation.update({ where: { id }, data: { expiresAt: new Date() } })],
    ['of an administrator who was disabled', (_, by) => disableUser(admin, by.id)],
    ['of somebody who is no administrator any more', (_, by) => setRole(admin, by.id, 'moderator')],
  ];
  it.each(ENDS)('that is %s opens nothing', async (_name, end) => {
    const by = await asAdmin();
    const made = await invite({}, by);
    expect(await readInvitation(secretOf(made.path))).toMatchObject({ role: 'moderator' });
    await end(made, by);
    await expect(readInvitation(secretOf(made.path))).rejects.toThrow(/invitation is invalid/);
    await expect(accept(secretOf(made.path), 'late@example.org')).rejects.toThrow(/invitation is invalid/);
  });

  it('is for administrators to make, and goes out by e-mail', async () => {
    const moderator: Actor = { ...(await makeUser('moderator')), role: 'moderator', grant: SESSION_GRANT };
    await expect(invite({}, moderator)).rejects.toMatchObject({ code: 'forbidden' });
    const { path, sent } = await invite({ email: 'mailed@example.org' });
    expect(sent).toBe(true);
    expect(mail.textTo('mailed@example.org')).toContain(`https://models.example.org${path}`);
    await expect(invite({ email: 'guest@example.org' })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a password', () => {
  it('is changed with the current one, which ends the other sessions', async () => {
    const { cookie, user } = await signUp(service.url, 'changes@example.org');
    const other = cookieOf(await signIn('changes@example.org', 'correct horse'));
    const headers = new Headers({ cookie });
    const actor = await actorOf(headers);
    await expect(changePassword(actor, headers, { current: 'a wrong one', password: 'new password' })).rejects.toThrow(
      /current password is not correct/,
    );
    expect(await actorOf(new Headers({ cookie: other }))).not.toBeNull();

    const fresh = await changePassword(actor, headers, { current: 'correct horse', password: 'new password' });
    const renewed = fresh
      .getSetCookie()
      .map((text) => text.split(';', 1)[0])
      .join('; ');
    expect(await actorOf(new Headers({ cookie: renewed }))).toMatchObject({ id: user.id });
    for (const ended of [cookie, other]) expect(await actorOf(new Headers({ cookie: ended }))).toBeNull();
    expect((await signIn('changes@example.org', 'correct horse')).status).toBe(401);
    expect((await signIn('changes@example.org', 'new password')).status).toBe(200);
  });

  it('is set anew with a link by e-mail, and nobody learns which addresses there are', async () => {
    await signUp(service.url, 'forgets@example.org');
    const { user: disabled } = await signUp(service.url, 'disabled@example.org');
    await disableUser(admin, disabled.id);
    for (const email of ['nobody@example.org', 'disabled@example.org', 'forgets@example.org'])
      expect(mailPasswordLink(email)).toBeUndefined();

    await expect.poll(() => mail.textTo('forgets@example.org')).toBeDefined();
    const [, token] =
      /https:\/\/models\.example\.org\/reset-password#(\S+)/.exec(mail.textTo('forgets@example.org') ?? '') ?? [];
    await resetPassword(token ?? '', 'remembered now');
    expect((await signIn('forgets@example.org', 'remembered now')).status).toBe(200);
    expect(mail.recipients()).not.toContain('nobody@example.org');
    expect(mail.recipients()).not.toContain('disabled@example.org');
  });
});

describe('sessions', () => {
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  it('are listed without what opens them, and ended one by one or all but the own', async () => {
    const { cookie } = await signUp(service.url, 'many@example.org');
    const headers = new Headers({ cookie });
    const actor = await actorOf(headers);
    for (const agent of [FIREFOX, 'curl/8.5.0']) await signIn('many@example.org', 'correct horse', agent);
    const sessions = await listOwnSessions(actor, headers);
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    const tokens = (await db().session.findMany()).map(({ token }) => token);
    for (const token of tokens) expect(JSON.stringify(sessions)).not.toContain(token);

    const firefox = sessions.find(({ device }) => device === 'Firefox on Linux')?.id ?? '';
    const stranger = await signUp(service.url, 'stranger@example.org');
    const other = await actorOf(new Headers({ cookie: stranger.cookie }));
    await expect(endOwnSession(other, firefox)).rejects.toMatchObject({ code: 'not_found' });
    await endOwnSession(actor, firefox);
    expect(await endOtherSessions(actor, headers)).toBe(1);
    expect(await listOwnSessions(actor, headers)).toHaveLength(1);
    expect(await actorOf(new Headers({ cookie: stranger.cookie }))).not.toBeNull();
  });

  it('tell when they were last used', async () => {
    const { cookie, user } = await signUp(service.url, 'used@example.org');
    await db().session.updateMany({ where: { userId: user.id }, data: { lastUsedAt: new Date('2020-01-01') } });
    const headers = new Headers({ cookie });
    const before = Date.now();
    const actor = await actorOf(headers);
    const [session] = await listOwnSessions(actor, headers);
    expect(Date.parse(session?.lastUsedAt ?? '')).toBeGreaterThanOrEqual(before);
  });

  it.each([
    [FIREFOX, 'Firefox on Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['curl/8.5.0', 'curl'],
    ['', 'Unknown device'],
    [null, 'Unknown device'],
  ])('describe %j in words', (userAgent, device) => {
    expect(describeDevice(userAgent)).toBe(device);
  });
});

it('a name is changed by its person, and is one line', async () => {
  const { cookie, user } = await signUp(service.url, 'renamed@example.org');
  await renameSelf(await actorOf(new Headers({ cookie })), 'New Name');
  expect((await db().user.findUniqueOrThrow({ where: { id: user.id } })).name).toBe('New Name');
  expect(ACCEPTANCE.safeParse({ token: 'x', name: ' \n ', password: 'correct horse' }).success).toBe(false);
  await expect(renameSelf(null, 'x')).rejects.toMatchObject({ code: 'not_signed_in' });
});

/** As much of SMTP as a client needs to hand in a message; keeps what it gets. */
async function startMailServer() {
  const messages: { to: string; text: string }[] = [];
  const server = createServer((socket) => {
    socket.write('220 test\r\n');
    let to = '';
    let text: string[] | null = null;
    createInterface({ input: socket }).on('line', (line) => {
      if (text !== null) {
        if (line !== '.') return void text.push(line);
        messages.push({ to, text: text.join('\n').replace(/=\n/g, '').replaceAll('=3D', '=') });
        text = null;
        return void socket.write('250 kept\r\n');
      }
      const command = line.slice(0, 4).toUpperCase();
      if (command === 'RCPT') to = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (command === 'DATA') text = [];
      socket.write({ DATA: '354 go on\r\n', QUIT: '221 bye\r\n' }[command] ?? '250 ok\r\n');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  return {
    port: typeof address === 'object' ? address?.port : 0,
    textTo: (email: string) => messages.findLast(({ to }) => to === email)?.text,
    recipients: () => messages.map(({ to }) => to),
    close: () => server.close(),
  };
}
