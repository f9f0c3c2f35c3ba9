import { type Action, type Actor, actorOf, authorizeAny } from '../accounts/index.ts';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { type RequestHead, requireOwnOrigin } from './origin.ts';

/** Who may use a route, and how. */
export interface RouteRights<May extends Action | 'public' = Action | 'public'> {
  /** What it does, as the table of permissions calls it; `public` for what asks nobody who they are. */
  may: May;
  /** For downloads alone: programs that send no headers put the token in the address, as `?token=`. */
  queryToken?: boolean;
}

/**
 * Decides on who asks, what their grant holds, and where the request comes from, before anything else of it is read.
 * Returns who it is. Whose the thing at hand is, only the action itself knows: it asks again. Throws AppError.
 */
export async function admit({ may, queryToken = false }: RouteRights, head: RequestHead): Promise<Actor | null> {
  requireOwnOrigin(head);
  if (may === 'public') return null;
  const token = new URL(head.url, 'http://localhost').searchParams.get('token');
  const isRead = head.method === 'GET' || head.method === 'HEAD';
  if (token !== null && !(queryToken && isRead)) {
    throw new AppError(
      'not_signed_in',
      'Only downloads take `?token=`. Send the token as `Authorization: Bearer …` instead.',
    );
  }
  const actor = await actorOf(head.headers, token);
  if (actor === null && config().privateCatalog)
    throw new AppError('not_signed_in', 'This catalog is private. Sign in or send an API token.');
  authorizeAny(actor, may);
  return actor;
}
