import { createHash, randomBytes } from 'node:crypto';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import type { Actor, Role } from './permissions.ts';

/**
 * What a token may be used for. `read` is implied by `upload`. `worker` fetches converted files from the store and
 * brings pictures to it, for workers on other machines; only administrators give it, and it ends with their role.
 */
export type Scope = 'read' | 'upload' | 'worker';
export const SCOPES: readonly Scope[] = ['read', 'upload', 'worker'];

export interface TokenView {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: string;
  lastUsedAt: string | null;
}

const TOKEN_PREFIX = 'wh_';
const SEEN_EVERY_MS = 60_000;

/** Makes a token for programs. The text is returned this once; the database keeps its SHA-256. */
export async function createApiToken(
  userId: string,
  name: string,
  scopes: readonly Scope[],
): Promise<{ id: string; token: string }> {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  return db().$transaction(async (tx) => {
    const { id } = await tx.apiToken.create({
      data: { userId, name, scopes: [...scopes], hash: digestOf(token), prefix: token.slice(0, 8) },
    });
    await audit(tx, {
      actor: userId,
      action: 'token.create',
      subject: 'token',
      subjectId: id,
      after: { name, scopes },
    });
    return { id, token };
  });
}

export async function listApiTokens(userId: string): Promise<TokenView[]> {
  const tokens = await db().apiToken.findMany({ where: { userId, revokedAt: null }, orderBy: { createdAt: 'desc' } });
  return tokens.map(({ id, name, prefix, scopes, createdAt, lastUsedAt }) => ({
    id,
    name,
    prefix,
    scopes,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
}

export async function revokeApiToken(userId: string, id: string): Promise<void> {
  await db().$transaction(async (tx) => {
    const { count } = await tx.apiToken.updateMany({
      where: { id, userId, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count === 0) throw new AppError('not_found', 'Token not found.');
    await audit(tx, { actor: userId, action: 'token.revoke', subject: 'token', subjectId: id });
  });
}

/** Who a token stands for: its user, held down to what the token's scopes allow. Null when it is unknown or revoked. */
export async function actorOfToken(token: string): Promise<Actor | null> {
  if (!token.startsWith(TOKEN_PREFIX)) return null;
  const found = await db().apiToken.findUnique({ where: { hash: digestOf(token) }, include: { user: true } });
  if (found === null || found.revokedAt !== null) return null;
  const now = new Date();
  if (now.getTime() - (found.lastUsedAt?.getTime() ?? 0) > SEEN_EVERY_MS) {
    await db().apiToken.update({ where: { id: found.id }, data: { lastUsedAt: now } });
  }
  const { id, name, email, role } = found.user;
  const isWorker = role === 'admin' && found.scopes.includes('worker');
  return { id, name, email, role: limitRole(role, found.scopes), ...(isWorker ? { isWorker } : {}) };
}

/** A token never moderates or administrates: whoever steals it from a script must not be able to open the gate. */
function limitRole(role: Role, scopes: readonly string[]): Role {
  return scopes.includes('upload') && role !== 'viewer' ? 'uploader' : 'viewer';
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
