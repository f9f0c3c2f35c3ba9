import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { GET, POST } from '#app/api/auth/[...all]/route.ts';
import { config } from '#lib/config.ts';
import { setClient } from '#lib/proxies/index.ts';

/** Serves a web handler over real HTTP on a free port, with the request's signal aborted when the client goes away. */
export async function serve(
  handler: (request: Request) => Promise<Response>,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.once('close', () => left.abort());
    setClient(incoming, config().trustedProxies);
    try {
      const response = await handler(toRequest(incoming, left.signal));
      outgoing.setHeaders(response.headers).writeHead(response.status);
      if (response.body === null) outgoing.end();
      else
        Readable.fromWeb(response.body as ReadableStream)
          .on('error', () => outgoing.destroy())
          .pipe(outgoing);
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' } : {}),
  });
}

export interface Session {
  cookie: string;
  user: { id: string; role: string };
}

/** Answers what is below `/api/auth` as the service does. */
export function handleAuth(request: Request): Promise<Response> {
  const all = new URL(request.url).pathname.split('/').slice(3);
  const handler = request.method === 'GET' ? GET : POST;
  return handler(request, { params: Promise.resolve({ all }) });
}

/** Sends JSON to a route, as a page of the service does. */
export function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...headers },
    body: JSON.stringify(body),
  });
}

/** The cookies of an answer, as the next request sends them. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0])
    .join('; ');
}

/** Signs a new person up and in through the service's own routes. */
export async function signUp(url: string, email: string, password = 'correct horse'): Promise<Session> {
  const name = email.split('@')[0];
  const created = await post(url, '/api/auth/sign-up/email', { email, password, name });
  if (!created.ok) throw new Error(`Signing up failed: ${created.status} ${await created.text()}`);
  return signIn(url, email, password);
}

/** Signs a person in. */
export async function signIn(url: string, email: string, password = 'correct horse'): Promise<Session> {
  const response = await post(url, '/api/auth/sign-in/email', { email, password });
  if (!response.ok) throw new Error(`Signing in failed: ${response.status} ${await response.text()}`);
  const { user } = (await response.json()) as { user: Session['user'] };
  return { cookie: cookiesOf(response), user };
}
