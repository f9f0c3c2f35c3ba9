import type { LookupAddress } from 'node:dns';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { AllowedHosts } from '../allowed-hosts.ts';
import { VERSION } from '../version.ts';
import { watchBody } from './body.ts';
import { checkRedirect, checkUrl } from './check-url.ts';
import { RemoteError } from './errors.ts';
import type { FetchLimits } from './limits.ts';
import { describeFailure } from './network-failure.ts';
import { type Resolver, resolveChecked, systemResolver } from './resolve.ts';

/** Sent to the origin that it is for, and left out of every request to another. */
export interface Credential {
  origin: string;
  token: string;
}

export interface OpenOptions {
  hosts: AllowedHosts;
  limits: FetchLimits;
  /** Most bytes of the body. */
  maxBytes: number;
  headers?: Record<string, string>;
  credential?: Credential | null;
  signal?: AbortSignal;
  resolver?: Resolver;
}

/** What a server answered after all redirects. Whoever has it reads `body` or destroys it. */
export interface RemoteAnswer {
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  /** Its bytes, held to the limits: ends with an error of class RemoteError where they are not kept. */
  body: Readable;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for `address` with GET. Every address on the way is checked before and the connection goes to the very address
 * that was checked: a name that changes its mind meanwhile changes nothing. Sends no cookies, follows no proxy of the
 * environment, and accepts no compression. Throws RemoteError.
 */
export async function openRemote(address: string, options: OpenOptions): Promise<RemoteAnswer> {
  const { hosts, limits, signal } = options;
  const end = new AbortController();
  const ended = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
  const timer = setTimeout(() => end.abort(new RemoteError('too-slow', 'The download took too long.')), limits.totalMs);
  const stop = () => clearTimeout(timer);
  try {
    let url = checkUrl(address, hosts);
    for (let hops = 0; ; hops += 1) {
      const { message, body } = await ask(url, options, ended);
      const { statusCode: status = 0, headers } = message;
      if (!REDIRECTS.has(status)) {
        body.once('close', stop);
        return { url, status, headers, body };
      }
      body.destroy();
      if (hops === limits.redirects) throw new RemoteError('redirect', `${url.host} redirects too many times.`);
      url = checkRedirect(url, headers.location, hosts);
    }
  } catch (error) {
    stop();
    throw error;
  }
}

interface Answered {
  message: IncomingMessage;
  body: Readable;
}

/** Sends one request and waits for the headers of the answer. */
async function ask(url: URL, options: OpenOptions, ended: AbortSignal): Promise<Answered> {
  const { hosts, limits, resolver = systemResolver } = options;
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new RemoteError('too-slow', `${url.host} did not answer in time.`)),
    limits.headersMs,
  );
  const signal = AbortSignal.any([ended, late.signal]);
  try {
    const addresses = await raceSignal(resolveChecked(url, hosts, resolver), signal);
    return await send(url, addresses, options, signal, ended);
  } catch (error) {
    throw describeFailure(url, signal.aborted ? signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
}

function send(
  url: URL,
  addresses: LookupAddress[],
  { headers = {}, credential = null, limits, maxBytes }: OpenOptions,
  signal: AbortSignal,
  ended: AbortSignal,
): Promise<Answered> {
  const isEncrypted = url.protocol === 'https:';
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const lookup: LookupFunction = (_name, { all }, answer) => {
    const [first] = addresses;
    if (all === true) answer(null, addresses);
    else answer(null, first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const request = (isEncrypted ? https : http).request(url, {
      // One connection for each request, by no agent that others share or that asks the environment for a proxy.
      agent: false,
      lookup,
      headers: {
        accept: '*/*',
        'user-agent': `weighhouse/${VERSION}`,
        ...headers,
        'accept-encoding': 'identity',
        ...(credential !== null && credential.origin === url.origin
          ? { authorization: `Bearer ${credential.token}` }
          : {}),
      },
      maxHeaderSize: limits.headerBytes,
      insecureHTTPParser: false,
      ...(isEncrypted
        ? { rejectUnauthorized: true, ...(isIP(name) === 0 ? { servername: name.replace(/\.$/, '') } : {}) }
        : {}),
    });
    let answer: IncomingMessage | null = null;
    const stop = () => fail(signal.reason);
    const fail = (error: Error) => {
      signal.removeEventListener('abort', stop);
      request.destroy();
      reject(error);
      // What the parser finds in the body is told to the request; what follows a whole body is nobody's.
      if (answer?.complete === false) answer.destroy(error);
    };
    signal.addEventListener('abort', stop, { once: true });
    request.on('error', fail);
    // An answer that ends the exchange without one, such as a switch to another protocol, is no error to Node.
    request.once('close', () => {
      if (answer === null) fail(new RemoteError('cut-off', `${url.host} closed the connection before the end.`));
    });
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        // Node has connected to what it was given. This holds even where it would not.
        if (!addresses.some(({ address }) => isSameAddress(address, socket.remoteAddress)))
          fail(new RemoteError('private-address', `${url.host} was reached at an address that was not checked.`));
      });
    });
    request.once('response', (message) => {
      signal.removeEventListener('abort', stop);
      answer = message;
      // At once: what comes with the headers may be wrong already.
      const body = watchBody(message, { host: url.host, limits, maxBytes, signal: ended });
      resolve({ message, body });
    });
    if (signal.aborted) stop();
    request.end();
  });
}

function isSameAddress(checked: string, connected: string | undefined): boolean {
  if (connected === undefined) return false;
  const spelled = (text: string) =>
    isIP(text) === 6 ? (URL.parse(`http://[${text.replace(/%.*$/, '')}]/`)?.hostname ?? text) : text;
  return spelled(checked) === spelled(connected);
}

/** What `work` comes to, or the reason of the signal where that comes first. */
async function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Where the signal comes first nobody waits for it any more.
  work.catch(() => {});
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
