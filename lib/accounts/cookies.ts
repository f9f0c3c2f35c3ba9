import { config } from '../config.ts';
import { clientOf } from '../proxies/index.ts';

/**
 * How cookies of the browser that sends these headers are named and kept. Under TLS they are `Secure`, and have a name
 * that neither another port or subdomain of the host nor a page without TLS can set.
 */
export function cookiesOf(headers: Headers): { prefix: string; secure: boolean } {
  const isPublic = config().publicUrl?.startsWith('https://') ?? false;
  const secure = isPublic || clientOf(headers).scheme === 'https';
  return { prefix: secure ? '__Host-weighhouse' : 'weighhouse', secure };
}
