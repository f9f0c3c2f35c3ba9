import { readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopQueue } from '#lib/queue/index.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { signUp } from '#test/support/http.ts';
import { startWeb, type TestWeb } from '#test/support/web.ts';

await useTestEnvironment();

const MIB = 1024 * 1024;
const BODY_BYTES = 200 * MIB;
/** The web process may take this much for any number of them; it took three times a body for one. */
const GROWTH_BYTES = 96 * MIB;
const PIECE = Buffer.alloc(64 * 1024, ' ');

let web: TestWeb;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  ({ cookie } = await signUp(web.url, 'admin@example.org'));
});
afterAll(async () => {
  await web?.close();
  await stopQueue();
});

const ROUTES: readonly [method: string, path: string, status: number, headers?: Record<string, string>][] = [
  ['POST', '/api/bulk', 401],
  ['PATCH', '/api/models/1', 401],
  ['POST', '/api/models/1/pictures', 401],
  ['PUT', `/api/blobs/${'0'.repeat(64)}`, 401],
  ['POST', '/api/uploads', 401, { 'tus-resumable': '1.0.0', 'upload-length': String(BODY_BYTES) }],
  ['PATCH', '/api/uploads/made-up', 401, { 'tus-resumable': '1.0.0', 'upload-offset': '0' }],
  ['POST', '/api/tokens', 401],
  ['POST', '/api/merges', 401],
  ['PATCH', '/api/admin/users/1', 401],
  ['POST', '/api/auth/sign-in/email', 413, { 'content-type': 'application/json' }],
  ['POST', '/api/auth/sign-up/email', 413, { 'content-type': 'application/json' }],
  ['POST', '/api/account/password-reset', 413],
  ['POST', '/api/account/invitation', 413],
];
/** What answers with pages may be sent anything. */
const PAGES: readonly [path: string, headers: Record<string, string>][] = [
  ['/', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['/', { 'next-action': '0'.repeat(42), 'content-type': 'text/plain;charset=UTF-8' }],
  ['/sign-in', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['/upload', { 'next-action': '0'.repeat(42), 'content-type': 'multipart/form-data; boundary=x' }],
  ['/_next/image', {}],
];

interface Sent {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  /** Bytes of the body that are sent before the answer is waited for. */
  first: number;
  /** Whether the rest of it follows whatever is answered. */
  goesOn?: boolean;
}

/** Sends a request and its body over a connection of its own; resolves to the status. */
function send({ path, method = 'POST', headers = {}, first, goesOn = false }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const sending = request(`${web.url}${path}`, { method, agent: false, headers: { origin: web.url, ...headers } });
    sending.on('response', (response) => {
      status = response.statusCode ?? 0;
      response.resume();
      if (!goesOn) {
        resolve(status);
        sending.destroy();
      }
    });
    // Whoever goes on sending may find the connection shut before the answer is read.
    sending.on('error', (error) => (status === 0 && !goesOn && first === 0 ? reject(error) : resolve(status)));
    sending.on('close', () => resolve(status));
    sending.flushHeaders();
    void pour(sending, goesOn ? BODY_BYTES : first).then(() => goesOn && sending.end());
  });
}

/** The status, once the answer was read before a write found the connection shut. */
async function sendUntilAnswered(sent: Sent): Promise<number> {
  for (let tries = 0; tries < 5; tries += 1) {
    const status = await send(sent);
    if (status !== 0) return status;
  }
  return 0;
}

async function pour(sending: ClientRequest, bytes: number): Promise<void> {
  const closed = new Promise((resolve) => sending.once('close', resolve));
  for (let sent = 0; sent < bytes && !sending.destroyed; sent += PIECE.length)
    if (!sending.write(PIECE)) await Promise.race([closed, new Promise((resolve) => sending.once('drain', resolve))]);
}

/** The most memory that the web process ever had, where the system tells. */
function peak(): number | null {
  if (process.platform !== 'linux') return null;
  const status = readFileSync(`/proc/${web.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

const LENGTH = { 'content-length': String(BODY_BYTES) };

it.each(ROUTES)('answers %s %s before anything of the body comes', async (method, path, status, headers) => {
  expect(await send({ method, path, headers: { ...headers, ...LENGTH }, first: 0 })).toBe(status);
});

it('stops reading where the limit of a route is, whoever sends', async () => {
  const json = { cookie, 'content-type': 'application/json' };
  expect(await sendUntilAnswered({ path: '/api/bulk', headers: { ...json, ...LENGTH }, first: 0 })).toBe(413);
  // No length is announced, and no end ever comes.
  expect(await sendUntilAnswered({ path: '/api/bulk', headers: json, first: 2 * MIB })).toBe(413);
  expect(await sendUntilAnswered({ path: '/api/auth/sign-in/email', headers: json, first: 2 * MIB })).toBe(413);
  // A limit of its own lets pass more, to be refused for what it is.
  const digest = `/api/blobs/${'0'.repeat(64)}`;
  const announced = { cookie, 'content-length': String(2 * MIB) };
  expect(await sendUntilAnswered({ method: 'PUT', path: digest, headers: announced, first: 2 * MIB })).toBe(400);
});

it('keeps little of what is sent on whatever it answers', async () => {
  await Promise.all(
    ROUTES.map(([method, path, , headers]) => send({ method, path, headers: { ...headers, ...LENGTH }, first: 0 })),
  );
  // Their code, once loaded, is no body.
  for (const [path, headers] of PAGES) await send({ path, headers: { ...headers, 'content-length': '0' }, first: 0 });
  const before = peak();
  for (const [method, path, status, headers] of ROUTES)
    expect([status, 0]).toContain(await send({ method, path, headers: { ...headers }, first: 0, goesOn: true }));
  const bulk = { path: '/api/bulk', headers: { cookie }, first: 0, goesOn: true };
  expect([413, 0]).toContain(await send(bulk));
  for (const [path, headers] of PAGES) await send({ path, headers, first: 0, goesOn: true });
  const after = peak();
  if (before !== null && after !== null) expect(after - before).toBeLessThan(GROWTH_BYTES);
});
