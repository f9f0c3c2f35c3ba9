import { expect, it } from 'vitest';
import { actorOf, createApiToken, disableUser, SESSION_GRANT } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { eventStream, publish } from '#lib/events/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';

await useTestEnvironment();

async function openStream() {
  const user = await makeUser('viewer');
  const { token } = await createApiToken(user.id, 'listens', ['read']);
  const headers = new Headers({ authorization: `Bearer ${token}` });
  const actor = await actorOf(headers);
  if (actor === null) throw new Error('The token is worth nothing.');
  const { signal } = new AbortController();
  const reader = eventStream(actor, { signal, whoNow: () => actorOf(headers), heartbeatMs: 10 }).getReader();
  const next = async () => {
    const { done, value } = await reader.read();
    return done ? null : Buffer.from(value).toString();
  };
  /** Reads until something says `text`, or to the end. */
  const readTo = async (text: string) => {
    let said = await next();
    while (said !== null && !said.includes(text)) said = await next();
    return said;
  };
  return { user, readTo, close: () => reader.cancel() };
}

it('ends when the account that opened it is disabled', async () => {
  const admin = { ...(await makeUser('admin')), role: 'admin' as const, grant: SESSION_GRANT };
  const { user, readTo } = await openStream();
  expect(await readTo('still here')).not.toBeNull();
  await disableUser(admin, user.id);
  expect(await readTo('something that is never said')).toBeNull();
});

it('goes on while the account may hear it', async () => {
  const { user, readTo, close } = await openStream();
  await readTo('retry');
  const event = { kind: 'upload', uploadId: 'u', userId: user.id } as const;
  await publish(db(), event);
  expect(await readTo('"uploadId":"u"')).not.toBeNull();
  await close();
});
