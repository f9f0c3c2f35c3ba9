import { describe, expect, it } from 'vitest';
import { type Actor, authorize, authorizeAny, can, type Role, requireSignedIn } from '#lib/accounts/permissions.ts';
import { type Scope, SESSION_GRANT } from '#lib/accounts/scopes.ts';

const somebody = (role: Role): Actor => ({
  id: 'u1',
  name: 'Ada',
  email: 'ada@example.org',
  role,
  grant: SESSION_GRANT,
});

/** What the compiler knows of the actor past the check; each line would not compile without it. */
function idOf(actor: Actor | null): string {
  authorize(actor, 'upload.create');
  return actor.id;
}

function idOfVisitor(actor: Actor | null): string | undefined {
  authorize(actor, 'catalog.read');
  // @ts-expect-error: visitors may read the catalog, so nobody may be there.
  return actor.id;
}

function idOfSignedIn(actor: Actor | null): string {
  requireSignedIn(actor);
  return actor.id;
}

describe('authorize', () => {
  it('lets past it only somebody, for what takes an account', () => {
    expect(idOf(somebody('uploader'))).toBe('u1');
    expect(() => idOf(null)).toThrow(expect.objectContaining({ code: 'not_signed_in' }));
    expect(() => idOf(somebody('viewer'))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('lets visitors do what is for anyone', () => {
    expect(() => authorize(null, 'catalog.read')).not.toThrow();
    expect(() => idOfVisitor(null)).toThrow(TypeError);
  });

  it('knows an owner by the id, and nobody as the owner of what belongs to nobody', () => {
    expect(() => authorize(somebody('viewer'), 'model.edit', 'u1')).not.toThrow();
    for (const owner of ['u2', null])
      expect(() => authorize(somebody('viewer'), 'model.edit', owner)).toThrow(
        expect.objectContaining({ code: 'forbidden' }),
      );
    expect(() => authorize(null, 'model.edit', null)).toThrow(expect.objectContaining({ code: 'not_signed_in' }));
  });

  it('asks a visitor to sign in where that is all that is asked', () => {
    expect(idOfSignedIn(somebody('viewer'))).toBe('u1');
    expect(() => idOfSignedIn(null)).toThrow(expect.objectContaining({ code: 'not_signed_in' }));
  });
});

describe('a grant', () => {
  const byToken = (role: Role, ...grant: Scope[]): Actor => ({ ...somebody(role), grant });

  it('holds an owner to its scopes', () => {
    for (const grant of [[], ['read'], ['read', 'upload'], ['worker'], ['read', 'admin']] as Scope[][]) {
      expect(can(byToken('uploader', ...grant), 'model.edit', 'u1')).toBe(false);
      expect(() => authorize(byToken('uploader', ...grant), 'model.delete', 'u1')).toThrow(
        'This takes an API token with the scope `write`.',
      );
    }
    expect(can(byToken('uploader', 'read', 'write'), 'model.edit', 'u1')).toBe(true);
    expect(can(byToken('uploader', 'read', 'write'), 'model.edit', 'u2')).toBe(false);
  });

  it('adds nothing to a role', () => {
    const all = byToken('viewer', ...SESSION_GRANT);
    for (const action of ['upload.create', 'file.disarm', 'users.manage', 'store.transfer'] as const)
      expect(() => authorize(all, action)).toThrow(/Your role \(viewer\) does not allow this/);
  });

  it('reaches what moderators see and open with `admin` alone', () => {
    for (const action of ['model.read-unpublished', 'file.disarm', 'file.fetch-quarantined'] as const) {
      expect(can(byToken('moderator', 'read', 'upload', 'write'), action, 'u2')).toBe(false);
      expect(can(byToken('admin', 'read', 'admin'), action, 'u2')).toBe(true);
    }
  });

  it('is looked at before it is known whose the thing is', () => {
    expect(() => authorizeAny(byToken('viewer', 'read', 'write'), 'model.edit')).not.toThrow();
    expect(() => authorizeAny(byToken('viewer', 'read'), 'model.edit')).toThrow(/scope `write`/);
    expect(() => authorizeAny(null, 'model.edit')).toThrow(expect.objectContaining({ code: 'not_signed_in' }));
    expect(() => authorizeAny(null, 'catalog.read')).not.toThrow();
    expect(() => authorizeAny(byToken('admin', 'worker'), 'catalog.read')).toThrow(/scope `read`/);
  });
});
