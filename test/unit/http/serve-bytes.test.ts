import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from '#lib/config.ts';
import { createHttpServer, sendResponse, serveBlob, serveContent, toWebRequest } from '#lib/http/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { closed } from '../../support/closed.ts';
import { askRaw } from '../../support/raw-http.ts';

const home = mkdtempSync(join(tmpdir(), 'weighhouse bytes '));
config().home = home;
const modifiedAt = new Date('2026-03-01T10:00:00.700Z');
const DATE = 'Sun, 01 Mar 2026 10:00:00 GMT';

function store(bytes: Buffer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = blobStore().pathOf(sha256);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return { bytes, path, sha256, size: bytes.length, filename: 'model.safetensors', modifiedAt };
}

const blobs = {
  small: store(randomBytes(1000)),
  empty: store(Buffer.alloc(0)),
  large: store(randomBytes(3 * 1024 * 1024 + 17)),
  huge: store(randomBytes(24 * 1024 * 1024)),
};
const text = { filename: 'notes.html', mediaType: 'text/html', content: Buffer.from('<script>alert(1)</script>') };

let server: Server;
let url: string;
let onAsked: () => Response;
beforeAll(async () => {
  server = createHttpServer(10_000);
  server.on('request', async (incoming, outgoing) => {
    const request = toWebRequest(incoming);
    const name = incoming.url?.slice(1) ?? '';
    if (name === 'asked') return sendResponse(onAsked(), outgoing);
    const answer = name === 'text' ? serveContent(request, text) : await serveBlob(request, blobs[name as 'small']);
    return sendResponse(answer.response, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

const { bytes, sha256 } = blobs.small;
const ETAG = `"sha256-${sha256}"`;
const DIGEST = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
const ask = (method: string, headers: Record<string, string> = {}, path = '/small') =>
  askRaw(url, method, path, headers);

describe('ranges', () => {
  const part = (start: number, end: number) => ({ status: 206, start, end });
  const whole = { status: 200, start: 0, end: 999 };
  const none = { status: 416, start: 0, end: -1 };
  it.each([
    ['bytes=0-9', part(0, 9)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=8-', part(8, 999)],
    ['bytes=999-', part(999, 999)],
    ['bytes=990-5000', part(990, 999)],
    ['bytes=0-99999999999999999999999', part(0, 999)],
    ['bytes=-5', part(995, 999)],
    ['bytes=-1000', part(0, 999)],
    ['bytes=-5000', part(0, 999)],
    ['BYTES=0-9', part(0, 9)],
    ['bytes=0-9,', part(0, 9)],
    ['bytes= 0-9 ', part(0, 9)],
    ['bytes=5000-,0-9', part(0, 9)],
    ['bytes=1000-', none],
    ['bytes=5000-6000', none],
    ['bytes=99999999999999999999999-', none],
    ['bytes=-0', none],
    ['bytes=1000-,2000-', none],
    ['bytes=0-1,4-5', whole],
    ['bytes=0-9,5-20', whole],
    ['bytes=0-,0-,0-,0-', whole],
    ['bytes=5-2', whole],
    ['bytes=', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=abc-5', whole],
    ['bytes=0x0-5', whole],
    ['bytes=1.5-9', whole],
    ['bytes=--5', whole],
    ['bytes=0-9;', whole],
    ['bytes 0-9', whole],
    ['bytes=0-9,x', whole],
    ['rows=0-1', whole],
    ['0-9', whole],
  ])('%s', async (range, { status, start, end }) => {
    const answer = await ask('GET', { range });
    const length = end - start + 1;
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-length': String(length),
      'accept-ranges': 'bytes',
      etag: ETAG,
      'repr-digest': DIGEST,
    });
    expect(answer.headers['content-range']).toBe(
      { 200: undefined, 206: `bytes ${start}-${end}/1000`, 416: 'bytes */1000' }[status],
    );
    expect(answer.headers['transfer-encoding']).toBeUndefined();
    expect(answer.body.equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  it('count for nothing in HEAD, which clients ask for the length after a 416', async () => {
    const answer = await ask('HEAD', { range: 'bytes=5000-' });
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '1000', 0]);
  });

  it.each([
    ['bytes=0-', 416],
    ['bytes=0-0', 416],
    ['bytes=-0', 416],
    // RFC 9110, section 14.1.2: of what is shorter than the suffix, all.
    ['bytes=-1', 200],
  ])('%s of an empty file is %d', async (range, status) => {
    const answer = await ask('GET', { range }, '/empty');
    const { 'content-range': contentRange, 'content-length': length } = answer.headers;
    expect([answer.status, contentRange, length]).toEqual([status, status === 416 ? 'bytes */0' : undefined, '0']);
  });
});

describe('conditions', () => {
  const [earlier, later] = ['Sun, 01 Mar 2026 09:59:59 GMT', 'Sun, 01 Mar 2026 10:00:01 GMT'];
  const range = 'bytes=0-9';
  it.each<[Record<string, string>, number]>([
    [{ 'if-none-match': ETAG }, 304],
    [{ 'if-none-match': `W/${ETAG}` }, 304],
    [{ 'if-none-match': `"a,b", ${ETAG}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': ETAG, range }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': sha256 }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': later }, 200],
    [{ 'if-modified-since': DATE }, 304],
    [{ 'if-modified-since': later }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-match': ETAG }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `"other", ${ETAG}` }, 200],
    [{ 'if-match': `W/${ETAG}` }, 412],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-match': '"other"', range }, 412],
    [{ 'if-match': ETAG, 'if-unmodified-since': earlier }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': DATE }, 200],
    [{ 'if-unmodified-since': 'yesterday' }, 200],
    [{ 'if-range': ETAG, range }, 206],
    [{ 'if-range': `W/${ETAG}`, range }, 200],
    [{ 'if-range': '"other"', range }, 200],
    [{ 'if-range': DATE, range }, 206],
    [{ 'if-range': earlier, range }, 200],
    [{ 'if-range': later, range }, 200],
    [{ 'if-range': 'yesterday', range }, 200],
    [{ 'if-range': '"other"', range: 'bytes=5000-' }, 200],
    [{ 'if-range': ETAG, range: 'bytes=5000-' }, 416],
  ])('%j', async (headers, status) => {
    const answer = await ask('GET', headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ etag: ETAG, 'last-modified': DATE, 'repr-digest': DIGEST });
    const length = { 200: 1000, 206: 10 }[status] ?? 0;
    expect(answer.body.length).toBe(length);
    if (status !== 304) expect(answer.headers['content-length']).toBe(String(length));
    if (status < 300 || status === 304) {
      const head = await ask('HEAD', headers);
      expect([head.status, head.body.length]).toEqual([status === 206 ? 200 : status, 0]);
    }
  });
});

it('is whole when it takes many pieces, from any place on', async () => {
  const { bytes: all } = blobs.large;
  expect((await ask('GET', {}, '/large')).body.equals(all)).toBe(true);
  const answer = await ask('GET', { range: 'bytes=1234567-' }, '/large');
  expect(answer.body.equals(all.subarray(1_234_567))).toBe(true);
});

it('has no body and the length 0 where the file is empty', async () => {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, body } = await ask(method, {}, '/empty');
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0]);
  }
});

it('is told apart by HTTP/1.0 clients', async () => {
  const answer = await askRaw(url, 'GET', '/small', {}, '1.0');
  expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '1000', 1000]);
});

it('shows nothing of a person that could run', async () => {
  const { headers, body } = await ask('GET', {}, '/text');
  expect(body.equals(text.content)).toBe(true);
  expect(headers).toMatchObject({
    'content-length': String(text.content.length),
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': 'attachment; filename="notes.html"',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'repr-digest': `sha-256=:${createHash('sha256').update(text.content).digest('base64')}:`,
  });
  const part = await ask('GET', { range: 'bytes=1-6' }, '/text');
  expect([part.status, part.body.toString()]).toEqual([206, 'script']);
});

it('goes on with the next request of a connection', async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
  });
  const lines = 'Host: x\r\nRange: bytes=';
  socket.write(`GET /small HTTP/1.1\r\n${lines}5000-\r\n\r\n`);
  socket.write(`HEAD /small HTTP/1.1\r\nHost: x\r\n\r\nGET /large HTTP/1.1\r\n${lines}0-9\r\n\r\n`);
  socket.write('GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  const statuses = received.toString('latin1').match(/HTTP\/1\.1 \d+/g);
  expect(statuses).toEqual(['HTTP/1.1 416', 'HTTP/1.1 200', 'HTTP/1.1 206', 'HTTP/1.1 200']);
  expect(received.subarray(-1000).equals(bytes)).toBe(true);
});

describe('a file that is shorter than its record', () => {
  const cutOnTheWay = store(randomBytes(24 * 1024 * 1024));

  it('is 503 in JSON, also where that is seen when it is opened', async () => {
    const { bytes: _, ...cut } = store(randomBytes(5000));
    const { response } = await serveBlob(new Request(url), cut);
    truncateSync(cut.path, 4000);
    await expect(serveBlob(new Request(url), cut)).rejects.toMatchObject({ code: 'unavailable' });
    onAsked = () => response;
    const answer = await ask('GET', {}, '/asked');
    expect([answer.status, JSON.parse(String(answer.body)).error.code]).toEqual([503, 'unavailable']);
  });

  it('is cut off, and never ends as if it were whole', async () => {
    const { response } = await serveBlob(new Request(url), cutOnTheWay);
    onAsked = () => response;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /asked HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    truncateSync(cutOnTheWay.path, 1000);
    let received = 0;
    socket.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    await closed(socket);
    expect(received).toBeLessThan(cutOnTheWay.size);
  });
});

describe.runIf(process.platform === 'linux')('a client that goes away', () => {
  const open = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === blobs.huge.path;
      } catch {
        return false;
      }
    }).length;

  it('leaves no file open, nor does one that is slow, once it is done', async () => {
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    for (const socket of sockets) {
      socket.write('GET /huge HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'readable');
    }
    expect(open()).toBe(20);
    for (const socket of sockets) socket.destroy();
    await expect.poll(open).toBe(0);
  });

  it('costs no more memory than its buffer while it does not read', async () => {
    const { hostname, port } = new URL(url);
    const before = process.memoryUsage().external;
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname).pause());
    for (const socket of sockets) socket.write('GET /huge HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(open).toBe(20);
    // All of them would be 480 MiB.
    expect(process.memoryUsage().external - before).toBeLessThan(100 * 1024 * 1024);
    for (const socket of sockets) socket.destroy();
    await expect.poll(open).toBe(0);
  });
});
