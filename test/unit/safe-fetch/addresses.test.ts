import { describe, expect, it } from 'vitest';
import { AllowedHosts } from '#lib/allowed-hosts.ts';
import { checkUrl, type RemoteError } from '#lib/safe-fetch/index.ts';
import { resolveChecked } from '#lib/safe-fetch/resolve.ts';

/** What comes of a host name with these addresses, before a connection. */
async function faultOf(
  addresses: readonly string[],
  hosts: AllowedHosts,
  url = 'http://models.example.org/a',
): Promise<string | null> {
  const resolver = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  try {
    await resolveChecked(checkUrl(url, hosts), hosts, resolver);
    return null;
  } catch (error) {
    return (error as RemoteError).fault;
  }
}

const FORBIDDEN = `0.0.0.0 0.1.2.3 127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1
  100.100.100.200 169.254.169.254 169.254.0.1 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7
  203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16 :: ::1 ::ffff:10.0.0.1 ::ffff:8.8.8.8
  ::ffff:0:8.8.8.8 ::8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:20::1
  2001:2::1 2002:a9fe:a9fe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fd12:3456::1 fe80::1 fec0::1
  ff02::1 fe80::1%eth0`.split(/\s+/);
const PUBLIC = '1.1.1.1 8.8.8.8 9.9.9.9 172.32.0.1 192.167.1.1 100.128.0.1 2606:4700:4700::1111 2a00:1450::1'.split(
  ' ',
);

describe('addresses that a host name may have', () => {
  const anywhere = new AllowedHosts('*');

  it.each(FORBIDDEN)('refuses %s', async (address) => {
    expect(await faultOf([address], anywhere)).toBe('private-address');
  });

  it.each(PUBLIC)('connects to %s', async (address) => {
    expect(await faultOf([address], anywhere)).toBeNull();
  });

  it.each(['127.0.0.1', '10.1.2.3', '192.168.7.7', '100.64.0.1', '::1', 'fd12:3456::1'])(
    'connects to %s where an administrator says that the host is on a private network',
    async (address) => {
      expect(await faultOf([address], new AllowedHosts('', 'models.example.org'))).toBeNull();
      expect(await faultOf([address], new AllowedHosts('*', 'other.example.org'))).toBe('private-address');
      expect(await faultOf([address], new AllowedHosts('*', 'models.example.org:8080'))).toBe('private-address');
    },
  );

  it.each(['169.254.169.254', 'fd00:ec2::254', '0.0.0.0', '224.0.0.1', '::ffff:169.254.169.254', 'fe80::1'])(
    'refuses %s even then',
    async (address) => {
      expect(await faultOf([address], new AllowedHosts('', 'models.example.org'))).toBe('private-address');
    },
  );

  it.each([
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:169.254.169.254]/',
    'http://①②⑦.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0/',
  ])('refuses %s, however it is spelled', async (url) => {
    expect(await faultOf(['8.8.8.8'], anywhere, url)).toBe('private-address');
  });

  it('refuses a name that has one private address among public ones', async () => {
    expect(await faultOf(['8.8.8.8', '10.0.0.1'], anywhere)).toBe('private-address');
  });
});

describe('hosts that are allowed', () => {
  const faultFor = (url: string, hosts: AllowedHosts) => {
    try {
      checkUrl(url, hosts);
      return null;
    } catch (error) {
      return (error as RemoteError).fault;
    }
  };

  it.each([
    ['huggingface', 'https://huggingface.co/a', null],
    ['huggingface', 'https://cdn-lfs-us-1.hf.co/a', null],
    ['huggingface', 'https://cas-bridge.xethub.hf.co/a', null],
    ['huggingface', 'https://huggingface.co.example.org/a', 'host-not-allowed'],
    ['huggingface', 'https://nothuggingface.co/a', 'host-not-allowed'],
    ['huggingface', 'https://civitai.com/a', 'host-not-allowed'],
    ['huggingface civitai', 'https://image.civitai.com/a', null],
    ['civitai', 'https://bucket.r2.cloudflarestorage.com/a', 'host-not-allowed'],
    ['models.example.org', 'https://models.example.org/a', null],
    ['models.example.org', 'https://MODELS.example.org./a', null],
    ['models.example.org', 'http://models.example.org/a', null],
    ['models.example.org', 'https://models.example.org:8443/a', 'host-not-allowed'],
    ['models.example.org', 'https://x.models.example.org/a', 'host-not-allowed'],
    ['models.example.org:8443', 'https://models.example.org:8443/a', null],
    ['models.example.org:8443', 'https://models.example.org/a', 'host-not-allowed'],
    ['*.example.org', 'https://models.example.org/a', null],
    ['*.example.org', 'https://example.org/a', 'host-not-allowed'],
    ['*', 'https://anything.example/a', null],
    ['*', 'https://anything.example:22/a', 'host-not-allowed'],
    ['*', 'ftp://anything.example/a', 'address'],
    ['*', 'file:///etc/passwd', 'address'],
    ['*', 'https://user:secret@anything.example/a', 'address'],
    ['*', 'https://user@anything.example/a', 'address'],
    ['*', 'not an address', 'address'],
    ['*', `https://anything.example/${'a'.repeat(5000)}`, 'address'],
    ['', 'https://huggingface.co/a', 'host-not-allowed'],
  ])('%s: %s', (list, url, fault) => {
    expect(faultFor(url, new AllowedHosts(list))).toBe(fault);
  });

  it.each(['https://huggingface.co', 'a b:c', 'exa mple/', '*foo', 'host:0', 'host:99999', 'a..b', '-a.org', '**'])(
    'refuses %s as an entry',
    (list) => {
      expect(() => new AllowedHosts(list)).toThrow('is not a host');
    },
  );

  it('takes no wildcard for private networks', () => {
    expect(() => new AllowedHosts('', '*.lan')).toThrow('without wildcards');
    expect(() => new AllowedHosts('', '*')).toThrow('without wildcards');
  });
});
