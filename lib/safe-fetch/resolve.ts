import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AllowedHosts } from '../allowed-hosts.ts';
import { kindOfAddress } from './addresses.ts';
import { RemoteError } from './errors.ts';

/** Every address of a host name. */
export type Resolver = (hostname: string) => Promise<LookupAddress[]>;

/** Asks the system, as every other program does: its hosts file and its name servers. */
export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

/**
 * The addresses of the host of `url`, each of which may be connected to. One that may not is reason enough to refuse the
 * host: a name that has both is made to be. Throws RemoteError.
 */
export async function resolveChecked(url: URL, hosts: AllowedHosts, resolver: Resolver): Promise<LookupAddress[]> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const version = isIP(name);
  const addresses = version !== 0 ? [{ address: name, family: version }] : await ask(name, resolver);
  const isPrivateAllowed = hosts.allowsPrivate(url);
  for (const { address } of addresses) {
    const kind = kindOfAddress(address);
    if (kind === 'public' || (kind === 'private' && isPrivateAllowed)) continue;
    throw new RemoteError(
      'private-address',
      kind === 'private'
        ? `${url.host} is on a private network. An administrator can allow it with WEIGHHOUSE_IMPORT_PRIVATE_HOSTS.`
        : `${url.host} has an address that nothing is downloaded from.`,
    );
  }
  return addresses;
}

async function ask(name: string, resolver: Resolver): Promise<LookupAddress[]> {
  let addresses: LookupAddress[];
  try {
    addresses = await resolver(name);
  } catch (error) {
    throw new RemoteError('unknown-host', `The host ${name} was not found. Check the address.`, { cause: error });
  }
  if (addresses.length === 0) throw new RemoteError('unknown-host', `The host ${name} has no address.`);
  return addresses;
}
