import { type Actor, can } from '../accounts/index.ts';
import { AppError } from '../errors.ts';

/**
 * Throws AppError `not_found`, as if there were none, for a thing of a model that `actor` does not see. Past an action
 * that takes an account: visitors are asked to sign in before.
 */
export function requireSeen(
  actor: Actor | null,
  { published, ownerId }: { published: boolean; ownerId: string | null },
  title: 'File' | 'Model',
): void {
  const sees = can(actor, 'catalog.read') && (published || can(actor, 'model.read-unpublished', ownerId));
  if (!sees) throw new AppError('not_found', `${title} not found.`);
}
