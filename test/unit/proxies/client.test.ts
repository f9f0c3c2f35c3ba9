import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Client, clientOf, networkOf, parseTrustedProxies, setClient } from '#lib/proxies/index.ts';

type Given = Record<string, string>;

/** A request as Node hands it over, from this address. */
function requestFrom(address: string, headers: Given): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, { host: 'localhost:3000', ...headers });
  return request;
}

function read(address: string, headers: Given, trusted = ''): Client {
  const request = requestFrom(address, headers);
  setClient(request, parseTrustedProxies(trusted));
  return clientOf(new Headers(request.headers as Given));
}

describe('the address of a client', () => {
  const cases: [title: string, trusted: string, socket: string, headers: Given, address: string][] = [
    ['is the socket’s where no proxy is trusted', '', '203.0.113.9', { 'x-forwarded-for': '1.2.3.4' }, '203.0.113.9'],
    ['also for a made-up Forwarded', '', '203.0.113.9', { forwarded: 'for=1.2.3.4' }, '203.0.113.9'],
    ['also for other makers’ headers', 'loopback', '127.0.0.1', { 'cf-connecting-ip': '1.2.3.4' }, '127.0.0.1'],
    ['is what a trusted proxy adds', 'loopback', '127.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4'],
    ['not what the client wrote before', 'loopback', '127.0.0.1', { 'x-forwarded-for': '9.9.9.9, 1.2.3.4' }, '1.2.3.4'],
    [
      'goes through two proxies',
      '10.0.0.0/8 192.0.2.7',
      '::ffff:10.0.0.2',
      { 'x-forwarded-for': '9.9.9.9, 1.2.3.4, 192.0.2.7' },
      '1.2.3.4',
    ],
    ['stops at a proxy of others', '10.0.0.2', '10.0.0.2', { 'x-forwarded-for': '1.2.3.4, 10.0.0.3' }, '10.0.0.3'],
    [
      'ends with the last one where all are trusted',
      'private',
      '10.0.0.2',
      { 'x-forwarded-for': '10.0.0.9' },
      '10.0.0.9',
    ],
    [
      'stops at a word that is no address',
      'private',
      '10.0.0.2',
      { 'x-forwarded-for': '1.2.3.4, unknown' },
      '10.0.0.2',
    ],
    ['is read with a port', 'private', '10.0.0.2', { 'x-forwarded-for': '1.2.3.4:5678' }, '1.2.3.4'],
    ['is canonical', 'fd00::/8', 'fd00::2%eth0', { 'x-forwarded-for': '[2001:DB8:0:0::1]:80' }, '2001:db8::1'],
    ['is IPv4 out of IPv6', 'loopback', '::1', { 'x-forwarded-for': '::ffff:1.2.3.4' }, '1.2.3.4'],
    [
      'is read from Forwarded',
      'loopback',
      '::1',
      { forwarded: 'for=9.9.9.9, For="[2001:db8::1]:4711";proto=https;by=203.0.113.43' },
      '2001:db8::1',
    ],
    [
      'is the proxy’s own where the two headers differ, for one of them is made up',
      'loopback',
      '127.0.0.1',
      { forwarded: 'for=9.9.9.9', 'x-forwarded-for': '1.2.3.4' },
      '127.0.0.1',
    ],
    ['is the proxy’s own where it says nothing', 'loopback', '127.0.0.1', {}, '127.0.0.1'],
  ];
  it.each(cases)('%s', (_, trusted, socket, headers, address) => {
    expect(read(socket, headers, trusted).address).toBe(address);
  });

  it('is never what the client claims, whatever it sends before a proxy’s own words', () => {
    const word = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[ -~]{0,20}$/));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const claimed = words.map((text) => `${text}, `).join('');
        expect(read('10.0.0.2', { 'x-forwarded-for': `${claimed}192.0.2.1` }, '10.0.0.2').address).toBe('192.0.2.1');
        expect(read('192.0.2.1', { 'x-forwarded-for': claimed, forwarded: claimed }, '10.0.0.2').address).toBe(
          '192.0.2.1',
        );
      }),
    );
  });
});

describe('scheme and host', () => {
  const said = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'weigh.example' };
  it('are a trusted proxy’s', () => {
    expect(read('10.0.0.2', said, 'private')).toMatchObject({ scheme: 'https', host: 'weigh.example' });
    const standard = { forwarded: 'for=1.2.3.4;proto=https;host="weigh.example:8443"' };
    expect(read('10.0.0.2', standard, 'private')).toMatchObject({ scheme: 'https', host: 'weigh.example:8443' });
  });
  it('are those of the connection where none is trusted', () => {
    expect(read('10.0.0.2', said)).toMatchObject({ scheme: 'http', host: 'localhost:3000' });
  });
  it('are the outermost trusted proxy’s of several', () => {
    const headers = { 'x-forwarded-for': '1.2.3.4, 10.0.0.3', 'x-forwarded-proto': 'gopher, https, http' };
    expect(read('10.0.0.2', headers, 'private').scheme).toBe('https');
  });
});

describe('a request of this machine', () => {
  it.each([
    ['127.0.0.1', {}, '', true],
    ['::1', { host: '[::1]:3000' }, '', true],
    ['192.0.2.1', {}, '', false],
    ['127.0.0.1', { host: 'attacker.example' }, '', false],
    ['127.0.0.1', {}, 'loopback', false],
    ['127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, '', false],
    ['127.0.0.1', { 'x-real-ip': '127.0.0.1' }, '', false],
    ['127.0.0.1', { via: '1.1 proxy' }, '', false],
    ['192.0.2.1', { 'x-forwarded-for': '127.0.0.1' }, '192.0.2.1', false],
  ] as const)(
    'is one without a proxy, under a local name: %s %o trusting %o is %s',
    (address, headers, trusted, local) => {
      expect(read(address, headers, trusted).isLocal).toBe(local);
    },
  );
});

it('leaves nothing of what proxies say or programs tell themselves', () => {
  const made = JSON.stringify({ address: '9.9.9.9', scheme: 'https', host: 'x', isLocal: true });
  const request = requestFrom('192.0.2.1', {
    'x-weighhouse-client': encodeURIComponent(made),
    'x-forwarded-for': '9.9.9.9',
    'x-forwarded-proto': 'https',
    'x-real-ip': '9.9.9.9',
    'x-middleware-subrequest': 'middleware',
    forwarded: 'for=9.9.9.9',
  });
  setClient(request, parseTrustedProxies(''));
  expect(request.headers).toEqual({
    host: 'localhost:3000',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-host': 'localhost:3000',
    'x-forwarded-proto': 'http',
    'x-weighhouse-client': expect.not.stringContaining('9.9.9.9'),
  });
});

it('counts a network of IPv6 as one', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('unknown')).toBe('unknown');
});

it.each([
  '10.0.0.0/0',
  '::/0',
  '10.0.0',
  'proxy.example',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '::ffff:10.0.0.1',
  '10.0.0.1/',
])('does not take %s for proxies', (text) => {
  expect(() => parseTrustedProxies(text)).toThrow(/not an address|trust everyone/);
});
