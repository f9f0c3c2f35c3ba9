import { type Actor, authorize, can } from '../accounts/index.ts';
import { config } from '../config.ts';
import { Prisma } from '../db/index.ts';
import { AppError } from '../errors.ts';

/** What a person may see: published models, their own, and all for moderators; nothing for visitors of a private catalog. */
export function maySee(actor: Actor | null, model: { published: boolean; ownerId: string | null }): boolean {
  if (!mayRead(actor)) return false;
  return model.published || can(actor, 'model.read-unpublished', model.ownerId);
}

function mayRead(actor: Actor | null): boolean {
  return can(actor, 'catalog.read') && !(actor === null && config().privateCatalog);
}

const TITLES = { model: 'Model', version: 'Version', file: 'File', picture: 'Image', preview: 'Preview' } as const;

/**
 * Throws AppError unless `actor` may see the model: `not_signed_in` where signing in is all that is missing, so that
 * clients ask for a token, and otherwise `not_found`, as if there were none.
 */
export function requireVisible<Model extends { published: boolean; ownerId: string | null }>(
  actor: Actor | null,
  model: Model | null | undefined,
  title: keyof typeof TITLES,
): asserts model is Model {
  if (actor === null && config().privateCatalog)
    throw new AppError('not_signed_in', 'This catalog is private. Sign in or send an API token.');
  authorize(actor, 'catalog.read');
  if (!model || !maySee(actor, model)) throw new AppError('not_found', `${TITLES[title]} not found.`);
}

/** The same rule as a condition on the table `model m`. */
export function visibleTo(actor: Actor | null): Prisma.Sql {
  if (!mayRead(actor)) return Prisma.sql`false`;
  if (can(actor, 'model.read-unpublished')) return Prisma.sql`true`;
  if (actor === null || !can(actor, 'model.read-unpublished', actor.id)) return Prisma.sql`m.published`;
  return Prisma.sql`(m.published OR m."ownerId" = ${actor.id})`;
}

/**
 * The same rule for counts that are kept by whether a model is published: which of them to add, and which models, unpublished
 * ones of the person's own, are to be counted besides. Both are conditions on `m`.
 */
export function countedFor(actor: Actor | null): { counted: Prisma.Sql; own: Prisma.Sql } {
  const none = Prisma.sql`false`;
  if (!mayRead(actor)) return { counted: none, own: none };
  if (can(actor, 'model.read-unpublished')) return { counted: Prisma.sql`true`, own: none };
  const isOwner = actor !== null && can(actor, 'model.read-unpublished', actor.id);
  return {
    counted: Prisma.sql`m.published`,
    own: isOwner ? Prisma.sql`(m."ownerId" = ${actor.id} AND NOT m.published)` : none,
  };
}
