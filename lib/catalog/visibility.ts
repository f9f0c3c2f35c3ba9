import { type Actor, can } from '../accounts/index.ts';
import { config } from '../config.ts';
import { Prisma } from '../db/index.ts';

/** What a person may see: published models, their own, and all for moderators; nothing for visitors of a private catalog. */
export function maySee(actor: Actor | null, model: { published: boolean; ownerId: string | null }): boolean {
  if (actor === null && config().privateCatalog) return false;
  return model.published || can(actor, 'model.read-unpublished', model.ownerId);
}

/** The same rule as a condition on the table `model m`. */
export function visibleTo(actor: Actor | null): Prisma.Sql {
  if (can(actor, 'model.read-unpublished')) return Prisma.sql`true`;
  if (actor === null) return config().privateCatalog ? Prisma.sql`false` : Prisma.sql`m.published`;
  return Prisma.sql`(m.published OR m."ownerId" = ${actor.id})`;
}
