import Bowser from 'bowser';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { auth } from './auth.ts';
import { type Actor, authorize } from './permissions.ts';

export interface SessionView {
  /** Names the session; it opens nothing. */
  id: string;
  /** Browser and system, as `Firefox on Linux`. */
  device: string;
  address: string | null;
  createdAt: string;
  /** To the minute. */
  lastUsedAt: string;
  /** Whether it is the one that asks. */
  current: boolean;
}

/** The sessions of the person who asks, the latest used first. */
export async function listOwnSessions(actor: Actor | null, headers: Headers): Promise<SessionView[]> {
  authorize(actor, 'account.manage');
  return sessionsOf(actor.id, await currentSession(headers));
}

/** The sessions of any account, for administrators. */
export async function listSessionsOf(actor: Actor | null, userId: string): Promise<SessionView[]> {
  authorize(actor, 'users.manage');
  return sessionsOf(userId, null);
}

/** Ends one session of the person who asks. Throws AppError `not_found` where it is nobody's or somebody else's. */
export async function endOwnSession(actor: Actor | null, id: string): Promise<void> {
  authorize(actor, 'account.manage');
  await endSessions(actor, actor.id, { id });
}

/** Ends all sessions of the person who asks but the one that asks. Returns how many. */
export async function endOtherSessions(actor: Actor | null, headers: Headers): Promise<number> {
  authorize(actor, 'account.manage');
  const current = await currentSession(headers);
  if (current === null) throw new AppError('forbidden', 'Sign in with your browser to end your other sessions.');
  return endSessions(actor, actor.id, { id: { not: current } });
}

/** Ends a session of any account, or all of them. Returns how many. */
export async function endSessionsOf(actor: Actor | null, userId: string, id: string | null): Promise<number> {
  authorize(actor, 'users.manage');
  return endSessions(actor, userId, id === null ? {} : { id });
}

async function endSessions(actor: Actor, userId: string, which: { id?: string | { not: string } }): Promise<number> {
  return db().$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { ...which, userId } });
    if (count === 0 && typeof which.id === 'string') throw new AppError('not_found', 'Session not found.');
    if (count > 0)
      await audit(tx, {
        actor: actor.id,
        action: 'user.end-sessions',
        subject: 'user',
        subjectId: userId,
        after: { sessions: count },
      });
    return count;
  });
}

async function sessionsOf(userId: string, current: string | null): Promise<SessionView[]> {
  const rows = await db().session.findMany({ where: { userId, expiresAt: { gt: new Date() } } });
  return rows
    .map(({ id, userAgent, ipAddress, createdAt, updatedAt, lastUsedAt }) => ({
      id,
      device: describeDevice(userAgent),
      address: ipAddress || null,
      createdAt: createdAt.toISOString(),
      lastUsedAt: (lastUsedAt ?? updatedAt).toISOString(),
      current: id === current,
    }))
    .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt));
}

async function currentSession(headers: Headers): Promise<string | null> {
  const found = await (await auth(headers)).api.getSession({ headers });
  return found?.session.id ?? null;
}

/** A user agent in words. */
export function describeDevice(userAgent: string | null): string {
  if (!userAgent) return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  // A program says its own name first.
  const program = browser.name || /^[\w .-]{1,40}/.exec(userAgent)?.[0]?.trim() || 'Unknown program';
  return os.name ? `${program} on ${os.name}` : program;
}
