import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Actor,
  actorOf,
  auth,
  createApiToken,
  createPasswordLink,
  createUser,
  disableUser,
  enableUser,
  findUser,
  listUsers,
  removeUser,
  resetPassword,
  SESSION_GRANT,
  setRole,
} from '#lib/accounts/index.ts';
import { disableAccount, removeAccount, transferModels } from '#lib/admin/index.ts';
import { db } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser, publishModel } from '../../support/files.ts';
import { handleAuth, serve, signUp } from '../../support/http.ts';

await useTestEnvironment();

let service: Awaited<ReturnType<typeof serve>>;
let admin: Actor;
beforeAll(async () => {
  service = await serve(handleAuth);
  admin = { ...(await makeUser('admin')), role: 'admin', grant: SESSION_GRANT };
});
afterAll(() => service.close());

let count = 0;
/** Somebody with a session, a token and a link to set a password. */
async function somebody() {
  count += 1;
  const email = `person-${count}@example.org`;
  const { cookie, user } = await signUp(service.url, email);
  const { token } = await createApiToken(user.id, 'script', ['read', 'upload']);
  const link = await createPasswordLink(admin, user.id);
  return { id: user.id, email, cookie, token, resetToken: link.path.split('#')[1] ?? '' };
}
const giveModel = (ownerId: string, name: string) =>
  publishModel({ name, type: 'lora', base: 'sd1', bytes: Buffer.from(`bytes of ${name}`), ownerId });
const signIn = (email: string, password = 'correct horse') =>
  fetch(`${service.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify({ email, password }),
  });
const actionsOn = async (subjectId: string) =>
  (await db().auditEntry.findMany({ where: { subject: 'user', subjectId }, orderBy: { id: 'asc' } })).map(
    ({ action }) => action,
  );

describe('a disabled account', () => {
  const WAYS: [string, (person: Awaited<ReturnType<typeof somebody>>) => Promise<boolean>][] = [
    ['session', async ({ cookie }) => (await actorOf(new Headers({ cookie }))) !== null],
    ['session of better-auth', async ({ cookie }) => (await ofBetterAuth('/get-session', cookie)) !== null],
    ['token', async ({ token }) => (await actorOf(new Headers({ authorization: `Bearer ${token}` }))) !== null],
    ['token in the address', async ({ token }) => (await actorOf(new Headers(), token)) !== null],
    ['password', async ({ email }) => (await signIn(email)).ok],
    [
      'link to set a password',
      async ({ resetToken }) =>
        resetPassword(resetToken, 'another password').then(
          () => true,
          () => false,
        ),
    ],
  ];
  const ofBetterAuth = async (path: string, cookie: string) =>
    (await fetch(`${service.url}/api/auth${path}`, { headers: { cookie } })).json();

  it.each(WAYS)('is let in no more by its %s', async (_name, tries) => {
    const person = await somebody();
    const other = await somebody();
    await disableUser(admin, person.id);
    expect(await tries(person)).toBe(false);
    // The same way is open to who is not disabled.
    expect(await tries(other)).toBe(true);
  });

  it('gets no link, and no session even where one is left or made', async () => {
    const person = await somebody();
    await disableUser(admin, person.id);
    await expect(createPasswordLink(admin, person.id)).rejects.toMatchObject({ code: 'conflict' });
    const { internalAdapter } = await (await auth(new Headers())).$context;
    await expect(internalAdapter.createSession(person.id)).rejects.toThrow(/disabled/);
  });

  it('tells that it is disabled to nobody who does not know the password', async () => {
    const person = await somebody();
    await disableUser(admin, person.id);
    expect(await (await signIn(person.email)).text()).toContain('disabled');
    const wrong = await signIn(person.email, 'a wrong password');
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.not.stringContaining('disabled')]);
  });

  it('signs in again when enabled, and its old session and token stay ended', async () => {
    const person = await somebody();
    await disableUser(admin, person.id);
    await enableUser(admin, person.id);
    expect((await signIn(person.email)).status).toBe(200);
    expect(await actorOf(new Headers({ cookie: person.cookie }))).toBeNull();
    expect(await actorOf(new Headers({ authorization: `Bearer ${person.token}` }))).toBeNull();
    expect(await actionsOn(person.id)).toEqual(['user.create', 'user.password-link', 'user.disable', 'user.enable']);
  });
});

describe('models of somebody who leaves', () => {
  it('are taken over by another account, with companion files and merges', async () => {
    const [leaving, staying] = [await makeUser('uploader'), await makeUser('uploader')];
    const { modelId } = await giveModel(leaving.id, 'taken-over');
    await db().sidecar.create({
      data: {
        ownerId: leaving.id,
        filename: 'taken-over.yaml',
        stem: 'taken-over',
        kind: 'config',
        mediaType: 'text/yaml',
        content: Buffer.from('a: 1'),
      },
    });
    const merges = await Promise.all(
      (['done', 'queued'] as const).map((state) =>
        db().merge.create({ data: { ownerId: leaving.id, name: 'm', kind: 'weighted-sum', request: {}, state } }),
      ),
    );
    await removeAccount(admin, leaving.id, { transferTo: staying.id });

    expect((await db().model.findUniqueOrThrow({ where: { id: modelId } })).ownerId).toBe(staying.id);
    expect(await db().sidecar.count({ where: { ownerId: staying.id } })).toBe(1);
    expect(
      await db().merge.findMany({
        where: { id: { in: merges.map(({ id }) => id) } },
        select: { ownerId: true, state: true },
      }),
    ).toEqual(
      expect.arrayContaining([
        { ownerId: staying.id, state: 'done' },
        { ownerId: staying.id, state: 'cancelled' },
      ]),
    );
    expect(await db().user.findUnique({ where: { id: leaving.id } })).toBeNull();
    expect((await actionsOn(leaving.id)).slice(-3)).toEqual(['user.disable', 'user.transfer-models', 'user.remove']);
  });

  it('are deleted where that is said', async () => {
    const leaving = await makeUser('uploader');
    const { modelId } = await giveModel(leaving.id, 'deleted-with-owner');
    await removeAccount(admin, leaving.id, 'delete');
    expect(await db().model.findUnique({ where: { id: modelId } })).toBeNull();
    expect(await db().user.findUnique({ where: { id: leaving.id } })).toBeNull();
  });

  it('are never left without an owner because nothing was said', async () => {
    const leaving = await makeUser('uploader');
    const { modelId } = await giveModel(leaving.id, 'not-orphaned');
    await expect(removeAccount(admin, leaving.id, 'keep')).rejects.toThrow(/owns 1 model/);
    await expect(removeUser(admin, leaving.id)).rejects.toMatchObject({ code: 'conflict' });
    expect((await listUsers(admin)).find(({ id }) => id === leaving.id)?.disabled).toBe(false);

    await disableAccount(admin, leaving.id, 'keep');
    expect((await db().model.findUniqueOrThrow({ where: { id: modelId } })).ownerId).toBe(leaving.id);
  });

  it('go to no account that is missing, disabled or the same, and then nothing changes', async () => {
    const [leaving, disabled] = [await makeUser('uploader'), await makeUser('uploader')];
    await giveModel(leaving.id, 'stays-for-now');
    await disableUser(admin, disabled.id);
    for (const [transferTo, code] of [
      ['nobody', 'not_found'],
      [disabled.id, 'conflict'],
      [leaving.id, 'bad_request'],
    ] as const) {
      await expect(removeAccount(admin, leaving.id, { transferTo })).rejects.toMatchObject({ code });
      await expect(disableAccount(admin, leaving.id, { transferTo })).rejects.toMatchObject({ code });
      await expect(transferModels(admin, leaving.id, transferTo)).rejects.toMatchObject({ code });
    }
    expect((await listUsers(admin)).find(({ id }) => id === leaving.id)).toMatchObject({ disabled: false, models: 1 });
  });
});

describe('administrators', () => {
  it('alone may do any of this', async () => {
    const person = await makeUser('uploader');
    const other = await makeUser('uploader');
    const moderator: Actor = { ...(await makeUser('moderator')), role: 'moderator', grant: SESSION_GRANT };
    for (const actor of [null, moderator]) {
      const refused = { code: actor === null ? 'not_signed_in' : 'forbidden' };
      for (const tries of [
        () => createUser(actor, { name: 'x', email: 'x@example.org', role: 'admin' }),
        () => createPasswordLink(actor, person.id),
        () => disableAccount(actor, person.id, 'keep'),
        () => enableUser(actor, person.id),
        () => removeAccount(actor, person.id, 'delete'),
        () => transferModels(actor, person.id, other.id),
      ])
        await expect(tries()).rejects.toMatchObject(refused);
    }
  });

  it('are never all gone, whatever two of them do at once', async () => {
    const second: Actor = { ...(await makeUser('admin')), role: 'admin', grant: SESSION_GRANT };
    const operator: Actor = { id: 'system', name: 'Command line', email: '', role: 'admin', grant: SESSION_GRANT };
    const results = await Promise.allSettled([disableUser(admin, second.id), disableUser(second, admin.id)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const active = await db().user.findMany({ where: { role: 'admin', disabledAt: null } });
    expect(active).toHaveLength(1);
    const last = active[0]?.id ?? '';
    for (const tries of [
      () => disableUser(operator, last),
      () => removeAccount(operator, last, 'delete'),
      () => setRole(operator, last, 'moderator'),
    ])
      await expect(tries()).rejects.toThrow(/only administrator/);
    for (const { id } of [admin, second]) await enableUser(operator, id);
    await expect(disableUser(admin, admin.id)).rejects.toThrow(/your own account/);
  });

  it('make accounts whose person sets the password, once', async () => {
    const { id } = await createUser(admin, { name: 'Ben', email: 'ben@example.org', role: 'moderator' });
    expect(await findUser('BEN@example.org')).toMatchObject({ id, role: 'moderator' });
    await expect(createUser(admin, { name: 'B', email: 'ben@example.org', role: 'viewer' })).rejects.toMatchObject({
      code: 'conflict',
    });
    const first = (await createPasswordLink(admin, id)).path.split('#')[1] ?? '';
    const token = (await createPasswordLink(admin, id)).path.split('#')[1] ?? '';
    expect(JSON.stringify(await db().verification.findMany())).not.toContain(token);

    await expect(resetPassword(first, 'correct horse')).rejects.toThrow(/link is invalid/);
    await expect(resetPassword(token, 'short')).rejects.toThrow(/at least 8 characters/);
    await resetPassword(token, 'correct horse');
    await expect(resetPassword(token, 'other password')).rejects.toThrow(/link is invalid/);
    expect((await signIn('ben@example.org')).status).toBe(200);
  });

  it('set a password by link in a way that ends the sessions of the account', async () => {
    const person = await somebody();
    await resetPassword(person.resetToken, 'another password');
    expect(await actorOf(new Headers({ cookie: person.cookie }))).toBeNull();
    expect((await signIn(person.email)).status).toBe(401);
    expect((await signIn(person.email, 'another password')).status).toBe(200);
  });
});
