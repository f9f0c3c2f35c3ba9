import type { AllowedHosts } from '../allowed-hosts.ts';
import { RemoteError } from './errors.ts';

const MAX_URL = 4096;

/** Reads an address that somebody entered, and makes sure that it may be asked for. Throws RemoteError. */
export function checkUrl(text: string, hosts: AllowedHosts): URL {
  const url = text.length <= MAX_URL ? URL.parse(text) : null;
  if (url === null || url.hostname === '')
    throw new RemoteError('address', 'This is not an address. Enter one that begins with https://.');
  return check(url, hosts, false);
}

/** Where a redirect of `from` leads, which may be asked for as well. Throws RemoteError. */
export function checkRedirect(from: URL, location: string | undefined, hosts: AllowedHosts): URL {
  const url = location === undefined || location.length > MAX_URL ? null : URL.parse(location, from.href);
  if (url === null) throw new RemoteError('redirect', `${from.host} redirects to nowhere.`);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new RemoteError('redirect', `${from.host} redirects to an unencrypted connection (${url.host}).`);
  return check(url, hosts, true);
}

function check(url: URL, hosts: AllowedHosts, redirected: boolean): URL {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new RemoteError(
      redirected ? 'redirect' : 'address',
      `Only http and https addresses can be downloaded, not ${url.protocol.slice(0, 20)}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new RemoteError('address', 'Addresses with a user name or password are not downloaded. Remove it.');
  if (!hosts.allows(url, { redirected }))
    throw new RemoteError(
      'host-not-allowed',
      `${redirected ? 'The download continues at a host that is not allowed' : 'This host is not allowed'}: ${url.host}. An administrator can allow it with WEIGHHOUSE_IMPORT_HOSTS.`,
    );
  url.hash = '';
  return url;
}
