import { bearerOf } from '../accounts/index.ts';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What of a request decides whether it is answered: a `Request` is one, and so is what any HTTP server knows of it. */
export interface RequestHead {
  method: string;
  /** With scheme and host, or the path alone. */
  url: string;
  headers: Headers;
}

/**
 * Throws AppError `forbidden` for a change that a page of another origin asks for in the name of whoever looks at it.
 * SameSite cookies do not stop that: to them every port of a machine is one site. Programs send neither header, and a
 * request with a token of its own needs no cookie.
 */
export function requireOwnOrigin({ method, headers }: RequestHead): void {
  if (SAFE_METHODS.includes(method) || bearerOf(headers) !== null) return;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOther =
    (site !== null && site !== 'same-origin' && site !== 'none') || (origin !== null && !isOwn(origin, headers));
  if (isOther) {
    throw new AppError(
      'forbidden',
      'Changes are accepted only from pages of this catalog. Behind a reverse proxy, set WEIGHHOUSE_PUBLIC_URL to the public URL.',
    );
  }
}

/** The public URL's origin, and the host that the client itself wrote. The scheme is known to a proxy in front alone. */
function isOwn(origin: string, headers: Headers): boolean {
  const { publicUrl } = config();
  const own = publicUrl === null ? null : new URL(publicUrl);
  if (origin === own?.origin) return true;
  const host = headers.get('host')?.toLowerCase();
  if (!host || host === own?.host) return false;
  return origin === originOf(`http://${host}`) || origin === originOf(`https://${host}`);
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
