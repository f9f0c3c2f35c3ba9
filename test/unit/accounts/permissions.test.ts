import { describe, expect, it } from 'vitest';
import { type Actor, authorize, type Role, requireSignedIn } from '#lib/accounts/permissions.ts';

const somebody = (role: Role): Actor => ({ id: 'u1', name: 'Ada', email: 'ada@example.org', role });

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
