import ipaddr from 'ipaddr.js';

/** Whom an address reaches: everybody's internet, a private network, or what no download has any business with. */
export type AddressKind = 'public' | 'private' | 'forbidden';

/** Ranges that a private network uses, and that an administrator can allow host by host. Every other one is forbidden. */
const PRIVATE: ReadonlySet<string> = new Set(['private', 'loopback', 'carrierGradeNat', 'uniqueLocal']);

/** Where clouds hand out credentials, beside the link-local 169.254.169.254. Azure's is in a public range. */
const METADATA: ReadonlySet<string> = new Set(
  ['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16'].map((text) => ipaddr.parse(text).toString()),
);

/** All of IPv6 that is assigned for the internet. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** The kind of an address in its usual spelling. What is not known to be harmless is forbidden. */
export function kindOfAddress(text: string): AddressKind {
  if (!ipaddr.isValid(text) || text.includes('%')) return 'forbidden';
  const address = ipaddr.parse(text);
  // Others inside an IPv6 address (mapped, NAT64, 6to4, Teredo) are ways around a check of IPv4 addresses.
  if (METADATA.has(address.toString())) return 'forbidden';
  const range = address.range();
  if (PRIVATE.has(range)) return 'private';
  if (range !== 'unicast') return 'forbidden';
  return address instanceof ipaddr.IPv6 && !address.match(GLOBAL_V6) ? 'forbidden' : 'public';
}
