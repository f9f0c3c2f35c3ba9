import { BlockList, isIP } from 'node:net';
import { AppError } from '../errors.ts';

const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** The reverse proxies that may say whom a request is from. Throws AppError that names what is no address or network. */
export function parseTrustedProxies(text: string): BlockList {
  const trusted = new BlockList();
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  for (const network of words.flatMap((word) => NAMED[word.toLowerCase()] ?? [word])) {
    const [address = '', prefix, ...rest] = network.split('/');
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    const isNetwork = version !== 0 && rest.length === 0 && (prefix === undefined || /^\d+$/.test(prefix));
    if (!isNetwork || length > bits || /^::ffff:/i.test(address) || address.includes('%')) {
      throw new AppError(
        'bad_request',
        `${network} is not an address or network. Use for example 10.0.0.2, 10.0.0.0/8, fd00::/8, loopback or private.`,
      );
    }
    if (length === 0) throw new AppError('bad_request', `${network} would trust everyone. List your proxies only.`);
    trusted.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return trusted;
}
