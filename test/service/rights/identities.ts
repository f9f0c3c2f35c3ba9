import { createApiToken, type Role, type Scope } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { signUp } from '#test/support/http.ts';

const ROLES = {
  admin: 'admin',
  moderator: 'moderator',
  owner: 'uploader',
  stranger: 'uploader',
  viewer: 'viewer',
  /** An administrator whose account was disabled. */
  disabled: 'admin',
} as const satisfies Record<string, Role>;
type Person = keyof typeof ROLES;

/**
 * Tokens, by whose they are and their scopes. Some hold scopes that their owner's role never had, or has no more: the
 * database may say so, and they must be worth nothing.
 */
const TOKENS = {
  'owner:read': ['read'],
  'owner:upload': ['upload'],
  'owner:write': ['write'],
  'owner:worker': ['worker'],
  'owner:admin': ['admin'],
  'stranger:write': ['write'],
  'stranger:upload': ['upload'],
  'viewer:write+upload': ['write', 'upload'],
  'moderator:write': ['write'],
  'moderator:admin': ['admin'],
  'admin:read': ['read'],
  'admin:upload': ['upload'],
  'admin:write': ['write'],
  'admin:worker': ['worker'],
  'admin:admin': ['admin'],
  'admin:all': ['read', 'upload', 'write', 'worker', 'admin'],
  'disabled:all': ['read', 'upload', 'write', 'worker', 'admin'],
  'revoked:all': ['read', 'upload', 'write', 'worker', 'admin'],
  'scopes of another version': ['READ', 'everything', '*', ''],
} as const;

export type IdentityName = 'visitor' | Person | keyof typeof TOKENS;

export interface Identity {
  name: IdentityName;
  headers: Record<string, string>;
  /** For `?token=`; null for a session. */
  token: string | null;
}

export interface People {
  ids: Record<Person, string>;
  identities: Identity[];
}

/** Signs everybody up, and makes the tokens. */
export async function makePeople(url: string): Promise<People> {
  const ids = {} as Record<Person, string>;
  const identities: Identity[] = [{ name: 'visitor', headers: {}, token: null }];
  // One after the other: the first becomes administrator.
  for (const [name, role] of Object.entries(ROLES) as [Person, Role][]) {
    const { cookie, user } = await signUp(url, `${name}@example.org`);
    await db().user.update({ where: { id: user.id }, data: { role } });
    ids[name] = user.id;
    identities.push({ name, headers: { cookie, origin: url }, token: null });
  }
  for (const [name, scopes] of Object.entries(TOKENS) as [keyof typeof TOKENS, readonly string[]][]) {
    const person = name.split(':', 1)[0] ?? '';
    const userId = person in ids ? ids[person as Person] : ids.admin;
    const { id, token } = await createApiToken(userId, name, ['read'] satisfies Scope[]);
    await db().apiToken.update({
      where: { id },
      data: { scopes: [...scopes], revokedAt: person === 'revoked' ? new Date() : null },
    });
    identities.push({ name, headers: { authorization: `Bearer ${token}` }, token });
  }
  // Its session and its token are left, as those of a request under way at that moment are.
  await db().user.update({ where: { id: ids.disabled }, data: { disabledAt: new Date() } });
  return { ids, identities };
}
