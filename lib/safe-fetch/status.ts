import { RemoteError } from './errors.ts';
import type { RemoteAnswer } from './open.ts';

const BUSY: ReadonlySet<number> = new Set([408, 425, 429]);
/** Nobody is made to wait longer by a header. */
const MAX_RETRY_AFTER = 6 * 3600;

/** What a status other than a success means. */
export function statusError({ status, headers, url }: Pick<RemoteAnswer, 'status' | 'headers' | 'url'>): RemoteError {
  const { host } = url;
  if (status === 401 || status === 403)
    return new RemoteError(
      'denied',
      `${host} denied access (${status}). The file may need an account, or a token of yours.`,
    );
  if (status === 404 || status === 410)
    return new RemoteError('missing', `${host} does not have this file (${status}).`);
  if (BUSY.has(status) || status >= 500) {
    const what = status === 429 ? 'asks for fewer requests' : 'has a problem';
    return new RemoteError('busy', `${host} ${what} (${status}).`, {
      retryAfter: readRetryAfter(headers['retry-after']),
    });
  }
  return new RemoteError('refused', `${host} refused the request (${status}).`);
}

/** `Retry-After` in seconds from now: it is a number of seconds or a date. */
export function readRetryAfter(text: string | undefined, now = Date.now()): number | null {
  if (text === undefined) return null;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), MAX_RETRY_AFTER) : null;
}
