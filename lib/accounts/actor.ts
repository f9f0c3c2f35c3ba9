import { db } from '../db/index.ts';
import { auth } from './auth.ts';
import type { Actor, Role } from './permissions.ts';
import { SESSION_GRANT } from './scopes.ts';
import { actorOfToken } from './tokens.ts';

const SEEN_EVERY_MS = 60_000;

/** The token of `Authorization: Bearer`; null where there is none. With one, no cookie is looked at. */
export function bearerOf(headers: Headers): string | null {
  return /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
}

/**
 * Who sends these headers: the person whose session cookie they carry, or the user of the API token in
 * `Authorization: Bearer` (or `queryToken`, from `?token=`). Null for visitors; an empty header is a visitor too,
 * because clients without a token send one.
 */
export async function actorOf(headers: Headers, queryToken: string | null = null): Promise<Actor | null> {
  const token = bearerOf(headers) ?? queryToken;
  if (token) return actorOfToken(token);
  if (!headers.has('cookie')) return null;
  const session = await (await auth(headers)).api.getSession({ headers });
  if (session === null || session.user.disabledAt != null) return null;
  await touchSession(session.session);
  const { id, name, email, role } = session.user;
  return { id, name, email, role: role as Role, grant: SESSION_GRANT };
}

/** For work that a person has asked for and that is done later, with what the person may do by then; null for nobody. */
export async function actorOfUser(id: string): Promise<Actor | null> {
  const user = await db().user.findFirst({
    where: { id, disabledAt: null },
    select: { id: true, name: true, email: true, role: true },
  });
  return user === null ? null : { ...user, grant: SESSION_GRANT };
}

/** Notes that a session is used, at most once a minute. */
async function touchSession(session: { id: string; lastUsedAt?: Date | null | undefined }): Promise<void> {
  const now = new Date();
  if (session.lastUsedAt && now.getTime() - session.lastUsedAt.getTime() < SEEN_EVERY_MS) return;
  await db().session.updateMany({ where: { id: session.id }, data: { lastUsedAt: now } });
}
