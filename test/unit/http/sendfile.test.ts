import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { config } from '#lib/config.ts';
import { createHttpServer, sendResponse, serveBlob, serveContent, toWebRequest } from '#lib/http/index.ts';
import { parseTrustedProxies } from '#lib/proxies/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { askRaw } from '../../support/raw-http.ts';

const home = mkdtempSync(join(tmpdir(), 'weighhouse sendfile '));
config().home = home;
const bytes = Buffer.from('the bytes of a model');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const path = blobStore().pathOf(sha256);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, bytes);
const blob = { sha256, size: bytes.length, filename: 'model.safetensors', modifiedAt: new Date() };
const notes = { filename: 'notes.txt', mediaType: 'text/plain', content: bytes };
const etag = `"sha256-${sha256}"`;

let server: Server;
let url: string;
beforeAll(async () => {
  server = createHttpServer(10_000);
  server.on('request', async (incoming, outgoing) => {
    const request = toWebRequest(incoming);
    const served = incoming.url === '/notes' ? serveContent(request, notes) : await serveBlob(request, blob);
    await sendResponse(served.response, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  config().sendfile = null;
  config().trustedProxies = parseTrustedProxies('');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

const NGINX = { header: 'x-accel-redirect', prefix: '/blobs/' } as const;
const INTERNAL = `/blobs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
const namesOf = (headers: object) => Object.keys(headers).filter((name) => /sendfile|accel/.test(name));

describe('a proxy that is trusted', () => {
  it.each([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { range: 'bytes=4-' }],
    ['GET', { range: 'bytes=0-1,3-4' }],
  ])('is told which file to send: %s %j', async (method, headers) => {
    config().sendfile = NGINX;
    config().trustedProxies = parseTrustedProxies('loopback');
    const answer = await askRaw(url, method, '/', headers);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'x-accel-redirect': INTERNAL,
        'content-length': '0',
        etag,
        'content-type': 'application/octet-stream',
      },
      body: Buffer.alloc(0),
    });
    expect(answer.headers['content-range']).toBeUndefined();

    config().sendfile = { header: 'x-sendfile' };
    expect((await askRaw(url, method, '/', headers)).headers['x-sendfile']).toBe(path);
  });

  it.each([
    [{ 'if-none-match': etag }, 304],
    [{ 'if-match': '"other"' }, 412],
    [{ range: 'bytes=500-' }, 416],
  ])('is told nothing where no byte is to be sent: %j', async (headers, status) => {
    config().sendfile = NGINX;
    config().trustedProxies = parseTrustedProxies('loopback');
    const answer = await askRaw(url, 'GET', '/', headers);
    expect([answer.status, answer.body.length, namesOf(answer.headers)]).toEqual([status, 0, []]);
  });

  it('gets what is in no file of the store from here', async () => {
    config().sendfile = NGINX;
    config().trustedProxies = parseTrustedProxies('loopback');
    const answer = await askRaw(url, 'GET', '/notes');
    expect([answer.status, answer.body.equals(bytes), namesOf(answer.headers)]).toEqual([200, true, []]);
  });
});

it.each([
  ['nobody is trusted', ''],
  ['another machine is trusted', '10.0.0.1'],
])('where %s, a client gets the bytes, whatever it says', async (_, trusted) => {
  config().sendfile = NGINX;
  config().trustedProxies = parseTrustedProxies(trusted);
  const answer = await askRaw(url, 'GET', '/', {
    'x-forwarded-for': '127.0.0.1',
    'x-sendfile-type': 'X-Accel-Redirect',
    'x-accel-mapping': '/=/blobs/',
  });
  expect([answer.status, answer.body.equals(bytes), namesOf(answer.headers)]).toEqual([200, true, []]);
});

it('without the setting, a trusted proxy gets the bytes', async () => {
  config().trustedProxies = parseTrustedProxies('loopback');
  const answer = await askRaw(url, 'GET', '/');
  expect([answer.status, answer.body.equals(bytes), namesOf(answer.headers)]).toEqual([200, true, []]);
});
