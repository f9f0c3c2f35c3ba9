import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookies } from 'better-auth/cookies';
import { cookiesOf } from './cookies.ts';
import { readSecret } from './secret.ts';

/** Browsers keep no cookie longer. */
const MAX_AGE_S = 400 * 24 * 3600;
/** A family's computer; the one that signed in longest ago is forgotten first. */
const MAX_ACCOUNTS = 5;

/**
 * The id of the device that sends these headers, if this account has signed in on it before; null otherwise. A device
 * proves that by a cookie that holds a signature for each of its accounts.
 */
export async function findKnownDevice(headers: Headers, account: string): Promise<string | null> {
  const device = readCookie(headers);
  if (device === null) return null;
  const signature = await sign(device.id, account);
  return device.signatures.some((given) => isSame(given, signature)) ? device.id : null;
}

/** The `Set-Cookie` that makes the device that sends these headers a known one of this account. */
export async function rememberDevice(headers: Headers, account: string): Promise<string> {
  const { id, signatures } = readCookie(headers) ?? { id: randomBytes(16).toString('base64url'), signatures: [] };
  const signature = await sign(id, account);
  const kept = [signature, ...signatures.filter((other) => other !== signature)].slice(0, MAX_ACCOUNTS);
  const attributes = [`Max-Age=${MAX_AGE_S}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (cookiesOf(headers).secure) attributes.push('Secure');
  return `${nameFor(headers)}=${[id, ...kept].join('.')}; ${attributes.join('; ')}`;
}

function readCookie(headers: Headers): { id: string; signatures: string[] } | null {
  const value = parseCookies(headers.get('cookie') ?? '').get(nameFor(headers));
  const [id, ...signatures] = value?.split('.') ?? [];
  if (id === undefined || !/^[\w-]{22}$/.test(id)) return null;
  return { id, signatures: signatures.filter((text) => /^[\w-]{43}$/.test(text)).slice(0, MAX_ACCOUNTS) };
}

function nameFor(headers: Headers): string {
  return `${cookiesOf(headers).prefix}.device`;
}

async function sign(device: string, account: string): Promise<string> {
  const key = await readSecret();
  return createHmac('sha256', key).update(`known-device\n${device}\n${account.toLowerCase()}`).digest('base64url');
}

function isSame(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}
