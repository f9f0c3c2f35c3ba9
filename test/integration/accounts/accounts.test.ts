import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorOf, createApiToken, listUsers, revokeApiToken, SESSION_GRANT, setRole } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';

await useTestEnvironment();

let service: Awaited<ReturnType<typeof serve>>;
let sessions: Session[];
beforeAll(async () => {
  service = await serve(handleAuth);
  sessions = await Promise.all(['a', 'b', 'c', 'd'].map((name) => signUp(service.url, `${name}@example.org`)));
});
afterAll(() => service.close());

const actorOfSession = (session: Session | undefined) => actorOf(new Headers({ cookie: session?.cookie ?? '' }));
const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

it('makes exactly one administrator of four who sign up at once', async () => {
  const roles = await db().user.findMany({ select: { role: true } });
  expect(roles.map(({ role }) => role).sort()).toEqual(['admin', 'uploader', 'uploader', 'uploader']);
});

it('knows a session, and takes nobody for a visitor', async () => {
  const actor = await actorOfSession(sessions[0]);
  expect(actor).toMatchObject({ email: 'a@example.org', name: 'a' });
  expect(await actorOf(new Headers())).toBeNull();
  expect(await actorOf(new Headers({ authorization: '' }))).toBeNull();
  expect(await actorOf(new Headers({ cookie: 'weighhouse.session_token=forged' }))).toBeNull();
});

it('does not sign in with a wrong password, and says so', async () => {
  const response = await fetch(`${service.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify({ email: 'a@example.org', password: 'wrong password' }),
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ message: expect.stringMatching(/invalid/i) });
});

describe('API tokens', () => {
  it('stand for their user within their scopes, until revoked', async () => {
    const user = await db().user.findFirstOrThrow({ where: { role: 'admin' } });
    const reader = await createApiToken(user.id, 'reader', ['read']);
    const uploader = await createApiToken(user.id, 'uploader', ['read', 'upload']);

    expect(await actorOf(bearer(reader.token))).toMatchObject({ id: user.id, grant: ['read'] });
    expect(await actorOf(bearer(uploader.token))).toMatchObject({ id: user.id, grant: ['read', 'upload'] });
    expect(await actorOf(new Headers(), uploader.token)).toMatchObject({ id: user.id });
    expect(JSON.stringify(await db().apiToken.findMany())).not.toContain(uploader.token);

    await revokeApiToken({ ...user, grant: SESSION_GRANT }, uploader.id);
    expect(await actorOf(bearer(uploader.token))).toBeNull();
    expect(await actorOf(bearer('wh_unknown'))).toBeNull();
  });
});

describe('roles', () => {
  it('are given by administrators only, and leave one administrator', async () => {
    const actors = await Promise.all(sessions.map(actorOfSession));
    const admin = actors.find((actor) => actor?.role === 'admin') ?? null;
    const other = actors.find((actor) => actor?.role === 'uploader') ?? null;

    await expect(setRole(other, other?.id ?? '', 'admin')).rejects.toThrow(/does not allow this/);
    await expect(listUsers(null)).rejects.toThrow(/Sign in/);
    await expect(setRole(admin, admin?.id ?? '', 'viewer')).rejects.toThrow(/only administrator/);
    await setRole(admin, other?.id ?? '', 'moderator');
    expect((await listUsers(admin)).find(({ id }) => id === other?.id)?.role).toBe('moderator');
  });
});
