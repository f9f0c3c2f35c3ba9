import type { IncomingMessage } from 'node:http';

/** A request without a body, as route handlers take it. */
export function toWebRequest({ method = 'GET', url = '/', headers }: IncomingMessage): Request {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) copied.append(name, one);
  }
  return new Request(addressOf(url, headers.host), { method, headers: copied });
}

/** The address at the host that was asked for; at a stand-in where that is no host. */
function addressOf(target: string, host: string | undefined): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '');
  // Put together as text: resolved against the host, `//other/…` would be another host.
  const address = `http://${host ?? 'localhost'}${path}`;
  return URL.canParse(address) ? address : `http://localhost${path}`;
}
