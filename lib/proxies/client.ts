import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Who sent a request and how, as far as it can be believed. */
export interface Client {
  /** Its IP address in canonical form, IPv4 also where it came as IPv4 in IPv6; `unknown` where there is none. */
  address: string;
  /** What the browser speaks, which may end at a proxy. */
  scheme: 'http' | 'https';
  /** Name and port that the browser shows, as in the header `Host`. */
  host: string;
  /** Whether it comes from this machine with no proxy between, so that its user can open the data folder too. */
  isLocal: boolean;
}

/** Only `setClient` writes it; one that a client sends is dropped. */
const CLIENT_HEADER = 'x-weighhouse-client';
const CLIENT = z.object({
  address: z.string(),
  scheme: z.enum(['http', 'https']),
  host: z.string(),
  isLocal: z.boolean(),
});

/** What proxies say of the client. Nothing past `setClient` may see it as it came. */
const FORWARDING =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-(?:cluster-)?client-ip|x-original-(?:for|host|forwarded-for)|(?:true|fly|fastly)-client-ip|cf-.*)$/;
/** What the web framework tells itself. */
const INTERNAL = /^(?:x-weighhouse-|x-middleware-|x-invoke-|x-now-|x-matched-path$|next-resume$)/;

/**
 * Replaces what a request says of its client by what can be believed: proxies are asked from the socket outwards, and
 * only as long as each is trusted. Every request passes here before anything reads it.
 */
export function setClient(request: IncomingMessage, trusted: BlockList): Client {
  const client = readClient(request, trusted);
  const { headers } = request;
  for (const name of Object.keys(headers)) if (FORWARDING.test(name) || INTERNAL.test(name)) delete headers[name];
  headers[CLIENT_HEADER] = encodeURIComponent(JSON.stringify(client));
  // Under their usual names too, for libraries.
  headers.host = client.host;
  headers['x-forwarded-host'] = client.host;
  headers['x-forwarded-for'] = client.address;
  headers['x-forwarded-proto'] = client.scheme;
  return client;
}

/** Whether a proxy that is not trusted seems to stand before the service. */
export function isFromUntrustedProxy(request: IncomingMessage, trusted: BlockList): boolean {
  return hasForwarding(request) && !isTrusted(parseAddress(request.socket.remoteAddress), trusted);
}

/** Whether a request comes straight from a proxy that is trusted. */
export function isFromTrustedProxy(request: IncomingMessage, trusted: BlockList): boolean {
  return isTrusted(parseAddress(request.socket.remoteAddress), trusted);
}

/** The client of a request that passed `setClient`; nobody's for one that did not. */
export function clientOf(headers: Headers): Client {
  const text = headers.get(CLIENT_HEADER);
  if (text === null) return { address: 'unknown', scheme: 'http', host: headers.get('host') ?? '', isLocal: false };
  return CLIENT.parse(JSON.parse(decodeURIComponent(text)));
}

/** What of an address is counted as one client: of IPv6 the network, because whoever has one has all its addresses. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.kind() === 'ipv4') return address;
  const bytes = parsed.toByteArray().map((byte, index) => (index < 8 ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/64`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What one proxy says of who came to it; a part that it does not say is null. */
interface Hop {
  address: string | null;
  scheme: string | null;
  host: string | null;
}

function readClient(request: IncomingMessage, trusted: BlockList): Client {
  const socket = parseAddress(request.socket.remoteAddress);
  const ownHost = request.headers.host ?? '';
  const direct = { scheme: 'http', host: ownHost } as const;
  if (!isTrusted(socket, trusted)) {
    const isLocal = socket?.range() === 'loopback' && !hasForwarding(request) && isLocalName(ownHost);
    return { address: textOf(socket), ...direct, isLocal };
  }
  const lists = [readXForwarded(request), readForwarded(request)].filter((hops) => hops !== null);
  const walked = lists
    .filter((hops) => hops.some(({ address }) => address !== null))
    .map((hops) => walk(socket, hops, trusted));
  const [first = { address: socket, hops: 0 }, second = first] = walked;
  // A proxy writes one of the two headers and passes the other on as the client made it up. Where they differ, which
  // is which cannot be known, and the proxy itself is all that is certain.
  const agreed = textOf(first.address) === textOf(second.address) ? first : { address: socket, hops: 0 };
  const said = (part: 'scheme' | 'host') =>
    lists.map((hops) => partOf(hops, part, Math.max(agreed.hops, 1))).find((value) => value !== null) ?? null;
  return {
    address: textOf(agreed.address),
    scheme: said('scheme')?.toLowerCase() === 'https' ? 'https' : 'http',
    host: said('host') ?? ownHost,
    isLocal: false,
  };
}

/** The first address from the socket outwards that is no trusted proxy, and how many proxies said so. */
function walk(
  socket: Address | null,
  hops: readonly Hop[],
  trusted: BlockList,
): { address: Address | null; hops: number } {
  let address = socket;
  let count = 0;
  for (const hop of hops.toReversed()) {
    const next = hop.address === null ? null : parseAddress(hop.address);
    if (next === null || !isTrusted(address, trusted)) break;
    address = next;
    count += 1;
  }
  return { address, hops: count };
}

/** What the outermost trusted proxy said; lists that are shorter were written by it alone. */
function partOf(hops: readonly Hop[], part: 'scheme' | 'host', trustedHops: number): string | null {
  const values = hops.map((hop) => hop[part]).filter((value) => value !== null);
  return values[Math.max(0, values.length - trustedHops)] ?? null;
}

function readXForwarded({ headers }: IncomingMessage): Hop[] | null {
  const listOf = (name: string) => {
    const value = headers[name];
    return value === undefined
      ? []
      : String(value)
          .split(',')
          .map((item) => item.trim());
  };
  const [addresses, schemes, hosts] = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'].map(listOf);
  const length = Math.max(addresses?.length ?? 0, schemes?.length ?? 0, hosts?.length ?? 0);
  if (length === 0) return null;
  const at = (list: string[] | undefined, index: number) => list?.[index - length + list.length] ?? null;
  return Array.from({ length }, (_, index) => ({
    address: at(addresses, index),
    scheme: at(schemes, index),
    host: at(hosts, index),
  }));
}

/** RFC 7239: `for=192.0.2.43;proto=https, for="[2001:db8::1]:4711"`. */
function readForwarded({ headers }: IncomingMessage): Hop[] | null {
  const { forwarded } = headers;
  if (forwarded === undefined) return null;
  const hops = String(forwarded).match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return hops.map((hop) => {
    const parts = new Map<string, string>();
    for (const [, name = '', quoted, plain] of hop.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g))
      parts.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
    return { address: parts.get('for') ?? null, scheme: parts.get('proto') ?? null, host: parts.get('host') ?? null };
  });
}

/** An address as sockets and headers write it, with or without brackets, port and zone. */
function parseAddress(text: string | undefined): Address | null {
  const bare = text
    ?.replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  if (bare === undefined || !(ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare))) return null;
  return ipaddr.process(bare);
}

function textOf(address: Address | null): string {
  return address?.toString() ?? 'unknown';
}

function isTrusted(address: Address | null, trusted: BlockList): boolean {
  return address !== null && trusted.check(address.toString(), address.kind());
}

function hasForwarding({ headers }: IncomingMessage): boolean {
  return Object.keys(headers).some((name) => FORWARDING.test(name));
}

/** A page of another site can lead its own name to this machine, but cannot be opened under one of these. */
function isLocalName(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host);
}
