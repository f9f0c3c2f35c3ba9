import { createHash, randomBytes } from 'node:crypto';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { type Actor, authorize, type Role } from './permissions.ts';
import { ADMIN_SCOPES, parseScopes, type Scope } from './scopes.ts';

export interface TokenView {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  createdAt: string;
  lastUsedAt: string | null;
}

const TOKEN_PREFIX = 'wh_';
const SEEN_EVERY_MS = 60_000;

/** Makes a token for a person's own programs. One that is asked for by a token holds no more than that one. Throws AppError. */
export async function createOwnToken(actor: Actor, name: string, scopes: readonly Scope[]) {
  authorize(actor, 'token.manage');
  const missing = scopes.find((scope) => !actor.grant.includes(scope));
  if (missing !== undefined)
    throw new AppError('forbidden', `This token does not have the scope \`${missing}\`, so it cannot give it.`);
  return await createApiToken(actor.id, name, scopes);
}

/**
 * Makes a token for programs. The text is returned this once; the database keeps its SHA-256. Throws AppError
 * `forbidden` for a scope that only an administrator's token can have.
 */
export async function createApiToken(
  userId: string,
  name: string,
  scopes: readonly Scope[],
): Promise<{ id: string; token: string }> {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  return db().$transaction(async (tx) => {
    const { role } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { role: true } });
    const refused = scopes.find((scope) => role !== 'admin' && ADMIN_SCOPES.includes(scope));
    if (refused !== undefined)
      throw new AppError('forbidden', `Only administrators can have tokens with the scope \`${refused}\`.`);
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

export async function listApiTokens(actor: Actor | null): Promise<TokenView[]> {
  authorize(actor, 'token.manage');
  const tokens = await db().apiToken.findMany({
    where: { userId: actor.id, revokedAt: null },
    orderBy: { createdAt: 'desc' },
  });
  return tokens.map(({ id, name, prefix, scopes, createdAt, lastUsedAt }) => ({
    id,
    name,
    prefix,
    scopes: parseScopes(scopes),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
}

export async function revokeApiToken(actor: Actor | null, id: string): Promise<void> {
  authorize(actor, 'token.manage');
  await db().$transaction(async (tx) => {
    const { count } = await tx.apiToken.updateMany({
      where: { id, userId: actor.id, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count === 0) throw new AppError('not_found', 'Token not found.');
    await audit(tx, { actor: actor.id, action: 'token.revoke', subject: 'token', subjectId: id });
  });
}

/** Who a token stands for: its user, held down to what the token's scopes allow. Null when it is unknown or revoked. */
export async function actorOfToken(token: string): Promise<Actor | null> {
  if (!token.startsWith(TOKEN_PREFIX)) return null;
  // Asked with each request of a program, so in one statement.
  const [found] = await db().$queryRaw<TokenRow[]>`
    SELECT t.id AS "tokenId", t.scopes, t."lastUsedAt", u.id, u.name, u.email, u.role::text AS role
      FROM api_token t JOIN "user" u ON u.id = t."userId"
     WHERE t.hash = ${digestOf(token)} AND t."revokedAt" IS NULL AND u."disabledAt" IS NULL`;
  if (found === undefined) return null;
  const now = new Date();
  if (now.getTime() - (found.lastUsedAt?.getTime() ?? 0) > SEEN_EVERY_MS) {
    await db().apiToken.update({ where: { id: found.tokenId }, data: { lastUsedAt: now } });
  }
  const { id, name, email, role } = found;
  return { id, name, email, role, grant: grantOf(role, parseScopes(found.scopes)) };
}

interface TokenRow {
  tokenId: string;
  scopes: string[];
  lastUsedAt: Date | null;
  /** The user's, as what follows. */
  id: string;
  name: string;
  email: string;
  role: Role;
}

/** Never more than the owner's present role has. Whoever may upload, edit or administrate may look at it. */
function grantOf(role: Role, scopes: readonly Scope[]): Scope[] {
  const grant = scopes.filter((scope) => role === 'admin' || !ADMIN_SCOPES.includes(scope));
  const reads = grant.some((scope) => scope !== 'worker');
  return parseScopes(reads ? [...grant, 'read'] : grant);
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
