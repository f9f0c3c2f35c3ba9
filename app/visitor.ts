import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { type AccountAction, type Actor, actorOf, can } from '#lib/accounts/index.ts';

/** Who looks at this page, by their session alone: tokens are for programs. Asked once per request. */
export const visitor = cache(async (): Promise<Actor | null> => {
  const sent = new Headers(await headers());
  sent.delete('authorization');
  return actorOf(sent);
});

/** Sends visitors to sign in, and back to `path` afterwards. */
export async function requireVisitor(path: string): Promise<Actor> {
  const actor = await visitor();
  if (actor === null) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  return actor;
}

/** The same for a page that one action guards; null where the person is signed in but may not. */
export async function requirePermission(action: AccountAction, path: string): Promise<Actor | null> {
  const actor = await requireVisitor(path);
  return can(actor, action) ? actor : null;
}
