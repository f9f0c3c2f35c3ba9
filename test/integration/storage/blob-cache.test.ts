import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openBlobCache, openRemoteStore } from '#lib/storage/index.ts';
import { waitFor } from '../../support/wait-for.ts';

const MIB = 1024 * 1024;
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const blobs = new Map([1, 2, 3].map(() => randomBytes(2 * MIB)).map((bytes) => [digestOf(bytes), bytes] as const));
const [a = '', b = '', c = ''] = blobs.keys();

/** How the server behaves, and what it was asked. */
let asked: { range: string | undefined }[] = [];
let onGet: (sent: { response: ServerResponse; bytes: Buffer; offset: number }) => void;
const sendAll: typeof onGet = ({ response, bytes }) => response.end(bytes);

let server: Server;
let url: string;
let folder: string;
beforeAll(async () => {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighhouse cache '));
  asked = [];
  onGet = sendAll;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request;
  asked.push({ range: headers.range });
  if (headers.authorization !== 'Bearer right') {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'No.' } }));
    return;
  }
  const bytes = blobs.get(request.url?.split('/').at(-1) ?? '');
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  // As the web server answers: without the length of the whole, which a range tells.
  if (headers.range === 'bytes=0-0') {
    response.writeHead(206, { 'content-range': `bytes 0-0/${bytes.length}` }).end(bytes.subarray(0, 1));
    return;
  }
  const offset = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (offset >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(headers.range === undefined ? 200 : 206);
  onGet({ response, bytes: bytes.subarray(offset), offset });
}

const openCache = (maxBytes = 100 * MIB, token = 'right') =>
  openBlobCache({ folder, maxBytes, remote: openRemoteStore({ url, token }) });
const gets = () => asked.filter(({ range }) => range !== 'bytes=0-0');
const lying = () =>
  readdirSync(folder)
    .filter((name) => name !== 'marks')
    .sort();
const marks = () => readdirSync(join(folder, 'marks'));
/** As if it had been used so many minutes ago. */
const age = (sha256: string, minutes: number) => {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(join(folder, sha256), then, then);
};

it('brings a file once, and keeps it for the next', async () => {
  const cache = openCache();
  const held = await cache.acquire(a);
  expect(readFileSync(held.path)).toEqual(blobs.get(a));
  await held.release();
  await (await cache.acquire(a)).release();
  expect(gets()).toHaveLength(1);
  expect(lying()).toEqual([a]);
  expect(marks()).toEqual([]);
});

it('goes on where a cut line stopped, again and again', async () => {
  onGet = ({ response, bytes, offset }) => {
    if (offset >= MIB) return void response.end(bytes);
    // The line ends behind what was sent: a reset could take it back on its way.
    response.write(bytes.subarray(0, 512 * 1024), () => response.socket?.end());
  };
  const held = await openCache().acquire(a);
  expect(digestOf(readFileSync(held.path))).toBe(a);
  const offsets = gets().map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
  expect(offsets.length).toBeGreaterThan(2);
  expect(offsets).toEqual([...offsets].sort((one, two) => one - two));
  expect(offsets.at(-1)).toBeGreaterThanOrEqual(MIB);
});

it('goes on where a process was killed, in another process', async () => {
  onGet = ({ response, bytes, offset }) => {
    if (offset > 0) return void response.end(bytes);
    response.write(bytes.subarray(0, MIB));
  };
  const script = `
    import { openBlobCache, openRemoteStore } from ${JSON.stringify(join(import.meta.dirname, '../../../lib/storage/index.ts'))};
    await openBlobCache({ folder: process.argv[1], maxBytes: 1e9, remote: openRemoteStore({ url: process.argv[2], token: 'right' }) }).acquire(process.argv[3]);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, folder, url, a], {
    stdio: 'inherit',
  });
  await expect.poll(() => existsSync(join(folder, `${a}.part`)) && statSync(join(folder, `${a}.part`)).size).toBe(MIB);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Its marks are stale a minute later.
  for (const name of marks()) utimesSync(join(folder, 'marks', name), new Date(0), new Date(0));
  const held = await openCache().acquire(a);
  expect(digestOf(readFileSync(held.path))).toBe(a);
  expect(gets().map(({ range }) => range)).toEqual([undefined, `bytes=${MIB}-`]);
  await held.release();
  expect(marks()).toEqual([]);
});

it('fetches a file once for workers that want it at the same time', async () => {
  // Answered when all of them want it.
  const users = () => marks().filter((name) => name.includes('.use.')).length;
  onGet = async ({ response, bytes }) => {
    await waitFor(users, (count) => count === 3);
    response.end(bytes);
  };
  const held = await Promise.all([openCache(), openCache(), openCache()].map((cache) => cache.acquire(a)));
  for (const one of held) expect(digestOf(readFileSync(one.path))).toBe(a);
  for (const one of held) await one.release();
  expect(lying()).toEqual([a]);
  expect(marks()).toEqual([]);
});

it('takes nothing for the file but its own bytes, and throws away what was wrong', async () => {
  let lies = 1;
  onGet = ({ response, bytes }) => {
    lies -= 1;
    response.end(lies >= 0 ? Buffer.alloc(bytes.length) : bytes);
  };
  const held = await openCache().acquire(a);
  expect(digestOf(readFileSync(held.path))).toBe(a);
  await held.release();
  lies = 100;
  await expect(openCache().acquire(b)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The store returned different data than requested.',
  });
  expect(lying()).toEqual([a]);
  expect(marks()).toEqual([]);
});

it('begins anew when the part that lies there belongs to other bytes', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${a}.part`), 'something else');
  const held = await openCache().acquire(a);
  expect(digestOf(readFileSync(held.path))).toBe(a);
  rmSync(held.path);
  writeFileSync(join(folder, `${a}.part`), Buffer.alloc(3 * MIB));
  expect(digestOf(readFileSync((await openCache().acquire(a)).path))).toBe(a);
});

it('drops what was used longest ago when there is no room, and never what is in use', async () => {
  const cache = openCache(5 * MIB);
  const [first, second] = [await cache.acquire(a), await cache.acquire(b)];
  await expect(cache.acquire(c)).rejects.toMatchObject({
    code: 'no_room',
    message: expect.stringContaining('WEIGHHOUSE_CACHE_GB'),
  });
  expect(lying()).toEqual([a, b].sort());
  await first.release();
  await second.release();
  age(a, 10);
  age(b, 20);
  await (await cache.acquire(c)).release();
  expect(lying()).toEqual([a, c].sort());
  // A look at it makes it the youngest.
  age(c, 5);
  await (await cache.acquire(a)).release();
  await (await cache.acquire(b)).release();
  expect(lying()).toEqual([a, b].sort());
});

it('counts unfinished downloads of the dead as room that can be had', async () => {
  appendFileSync(join(folder, `${b}.part`), Buffer.alloc(MIB));
  await (await openCache(2 * MIB).acquire(a)).release();
  expect(lying()).toEqual([a]);
});

it('refuses a file that is larger than the cache may be', async () => {
  await expect(openCache(MIB).acquire(a)).rejects.toMatchObject({
    code: 'no_room',
    message: expect.stringMatching(/2\.00 MiB.*1\.00 MiB/),
  });
  expect(gets()).toEqual([]);
});

it('says what is wrong with the token and with the file, and does not try those again', async () => {
  await expect(openCache(MIB, 'wrong').acquire(a)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(openCache().acquire('0'.repeat(64))).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toHaveLength(2);
  await expect(openCache().acquire('../../etc/passwd')).rejects.toThrow(TypeError);
});

it('stops at once when it is told to', async () => {
  onGet = ({ response, bytes }) => void response.write(bytes.subarray(0, MIB));
  const stop = new AbortController();
  const holding = openCache().acquire(a, stop.signal);
  await expect.poll(() => existsSync(join(folder, `${a}.part`))).toBe(true);
  stop.abort(new Error('enough'));
  await expect(holding).rejects.toThrow();
  expect(marks()).toEqual([]);
});
