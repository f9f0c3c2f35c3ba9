// What a private catalog shows to visitors. Routes below `/api` decide by themselves; pages and whatever else Next answers
// (data of pages, resized pictures, pages for what is not found) are behind this gate, whether or not they ask who looks.
import type { IncomingMessage } from 'node:http';
import { config } from '#lib/config.ts';
import { toWebRequest } from '#lib/http/index.ts';

/** The first page, which says that the catalog is private; signing in; and what the pages themselves are made of. */
const OPEN =
  /^\/(?:(?:sign-in|sign-up|forgot-password|reset-password|invitation|icon\.svg|favicon\.ico)?|api\/.*|_next\/static\/.*)$/;

/** Where somebody is sent who may not see this path; null for whoever may. */
export async function redirectVisitor(request: IncomingMessage, path: string): Promise<string | null> {
  if (!config().privateCatalog || isOpen(path)) return null;
  // Loaded in private catalogs alone: the pages have all of it in a copy of their own.
  const { actorOf } = await import('#lib/accounts/index.ts');
  if ((await actorOf(toWebRequest(request).headers)) !== null) return null;
  return `/sign-in?next=${encodeURIComponent(request.url ?? '/')}`;
}

/** A path that could be read as another one is nobody's. */
function isOpen(path: string): boolean {
  return OPEN.test(path) && !/\\|\/\/|\/\.\.?(?:\/|$)/.test(path);
}
