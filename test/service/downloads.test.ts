import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyFiles } from '#lib/signing/index.ts';
import { type FolderFiles, torchFloatFile, UNET_ALONE, writeFolder } from '../fixtures/model-folders.ts';
import { runCli } from '../support/cli.ts';
import { closed } from '../support/closed.ts';
import { signUp } from '../support/http.ts';
import { askRaw, parseAnswer } from '../support/raw-http.ts';
import { startTestService, type TestService } from '../support/service.ts';

const NAME = '春のモデル=1';
const PLAIN_NAME = 'Chunnomoderu_1';
const ENCODED_NAME = '%E6%98%A5%E3%81%AE%E3%83%A2%E3%83%87%E3%83%AB%3D1';
const folder = mkdtempSync(join(tmpdir(), 'weighhouse downloads '));
const KEY = join(folder, 'signing.key');
let service: TestService;
let workerToken: string;
let adminCookie: string;

interface ByteRoute {
  path: string;
  type: string;
  /** With its quotes gone. */
  filename: string;
  /** What it must answer with; null for a picture, which was recreated from its pixels. */
  content: Buffer | null;
  isForWorkers?: true;
}
const routes: Record<string, ByteRoute> = {};
const ROUTES = [
  'model',
  'signature',
  'original',
  'blob',
  'embedded thumbnail',
  'companion file',
  'picture',
  'picture thumbnail',
];

const paint = (size: number, background: string) =>
  sharp({ create: { width: size, height: size, channels: 3, background } })
    .png()
    .toBuffer();

/** A LoRA with an image in its metadata. */
function makeLora(image: Buffer): Buffer {
  const data = Buffer.alloc(16 * 1280 * 4, 1);
  const tensor = { dtype: 'F32', shape: [16, 1280], data_offsets: [0, data.length] };
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { 'modelspec.thumbnail': `data:image/png;base64,${image.toString('base64')}` },
      'lora_unet_mid_block_attentions_0_proj_out.lora_down.weight': tensor,
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

const tokenOf = async (scopes: string) => {
  const args = ['token', 'create', '--name', scopes, '--scopes', scopes];
  return (await runCli(args, { WEIGHHOUSE_HOME: service.home, LOG_LEVEL: 'warn' })).stdout.trim();
};

beforeAll(async () => {
  createKeyFiles(KEY, `${KEY}.pub`);
  service = await startTestService({
    env: { WEIGHHOUSE_HEADERS_TIMEOUT_S: '2', WEIGHHOUSE_SIGNING_KEY: KEY },
  });
  const { cookie } = await signUp(service.url, 'ada@example.org', 'correct horse battery');
  adminCookie = cookie;
  const env = { WEIGHHOUSE_HOME: service.home, LOG_LEVEL: 'warn' };
  workerToken = await tokenOf('worker');
  const token = await tokenOf('read,upload');

  const image = await paint(8, 'red');
  const [lora, notes] = [makeLora(image), Buffer.from(JSON.stringify({ baseModel: 'SD 1.5' }))];
  const paths = [join(folder, `${NAME}.civitai.info`), join(folder, `${NAME}.safetensors`)];
  writeFileSync(paths[0] ?? '', notes);
  writeFileSync(paths[1] ?? '', lora);
  const { stdout, stderr } = await runCli(
    ['upload', '--server', service.url, '--token', token, '--wait', ...paths, '--format', 'json'],
    env,
  );
  expect(stderr).toBe('');
  const { modelId, versionId, fileId, conversion } = JSON.parse(stdout).files[1];
  expect(conversion).toBe('converted');
  const view = await (await fetch(`${service.url}/api/models/${modelId}`)).json();
  const sent = await fetch(`${service.url}/api/models/${modelId}/pictures?filename=spring.png`, {
    method: 'POST',
    headers: { cookie, origin: service.url },
    body: new Uint8Array(await paint(64, 'blue')),
  });
  const picture = await sent.json();
  expect(sent.status).toBe(201);

  const filename = `${PLAIN_NAME}.safetensors`;
  const type = 'application/octet-stream';
  const sha256 = createHash('sha256').update(lora).digest('hex');
  routes.model = { path: `/api/download/models/${versionId}`, type, filename, content: lora };
  routes.signature = {
    path: `/api/download/models/${versionId}/model.sig`,
    type: 'text/plain; charset=utf-8',
    filename: 'model.sig',
    content: null,
  };
  routes.original = { path: `/api/files/${fileId}/original`, type, filename, content: lora };
  routes.blob = { path: `/api/blobs/${sha256}`, type, filename: sha256, content: lora, isForWorkers: true };
  routes['embedded thumbnail'] = {
    path: `/api/files/${fileId}/thumbnail`,
    type: 'image/png',
    filename: 'thumbnail.png',
    content: image,
  };
  routes['companion file'] = {
    path: `/api/sidecars/${view.versions[0].files[0].sidecars[0].id}`,
    type: 'text/plain; charset=utf-8',
    filename: `${PLAIN_NAME}.civitai.info`,
    content: notes,
  };
  routes.picture = { path: `/api/pictures/${picture.id}`, type: 'image/png', filename: 'spring.png', content: null };
  routes['picture thumbnail'] = {
    path: `/api/pictures/${picture.id}/thumbnail`,
    type: 'image/webp',
    filename: 'spring.webp',
    content: null,
  };
});
afterAll(async () => {
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function ask({ path, isForWorkers }: ByteRoute, method: string, headers: Record<string, string> = {}) {
  return askRaw(service.url, method, path, {
    ...(isForWorkers ? { authorization: `Bearer ${workerToken}` } : {}),
    ...headers,
  });
}

describe.each(ROUTES)('the %s, on the wire', (name) => {
  const route = (): ByteRoute => routes[name] as ByteRoute;

  it('has its length, digest, name and policy in GET and HEAD', async () => {
    const answer = await ask(route(), 'GET');
    const { content, type, filename } = route();
    if (content !== null) expect(answer.body.equals(content)).toBe(true);
    const sha256 = createHash('sha256').update(answer.body).digest();
    const headers = {
      'content-length': String(answer.body.length),
      'content-type': type,
      'content-disposition': expect.stringMatching(/^(?:attachment|inline); filename="[^"=]+"$/),
      'accept-ranges': 'bytes',
      etag: `"sha256-${sha256.toString('hex')}"`,
      'repr-digest': `sha-256=:${sha256.toString('base64')}:`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    };
    expect(answer).toMatchObject({ status: 200, headers });
    expect(answer.headers['content-disposition']).toContain(`"${filename}"`);
    expect(answer.headers['transfer-encoding']).toBeUndefined();
    expect(await ask(route(), 'HEAD')).toMatchObject({ status: 200, headers, body: Buffer.alloc(0) });
  });

  it('answers ranges, several ranges, If-Range, and 416 without a body', async () => {
    const whole = (await ask(route(), 'GET')).body;
    const size = whole.length;
    const { etag = '', 'repr-digest': digest } = (await ask(route(), 'HEAD')).headers;
    const cases: [Record<string, string>, number, number, number][] = [
      [{ range: 'bytes=0-' }, 206, 0, size],
      [{ range: 'bytes=3-9' }, 206, 3, 10],
      [{ range: 'bytes=-4' }, 206, size - 4, size],
      [{ range: 'bytes=0-1,4-5' }, 200, 0, size],
      [{ range: 'bytes=3-9', 'if-range': etag }, 206, 3, 10],
      [{ range: 'bytes=3-9', 'if-range': '"other"' }, 200, 0, size],
      [{ range: `bytes=${size}-` }, 416, 0, 0],
      [{ range: 'bytes=-0' }, 416, 0, 0],
    ];
    for (const [headers, status, start, end] of cases) {
      const answer = await ask(route(), 'GET', headers);
      expect([headers, answer.status, answer.body.equals(whole.subarray(start, end))]).toEqual([headers, status, true]);
      expect(answer.headers).toMatchObject({ 'content-length': String(end - start), etag, 'repr-digest': digest });
      expect(answer.headers['content-range']).toBe(
        { 200: undefined, 206: `bytes ${start}-${end - 1}/${size}`, 416: `bytes */${size}` }[status],
      );
    }
    expect(await ask(route(), 'HEAD', { range: `bytes=${size}-` })).toMatchObject({
      status: 200,
      headers: { 'content-length': String(size) },
    });
    expect(await ask(route(), 'GET', { 'if-none-match': etag })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(await ask(route(), 'GET', { 'if-match': '"other"' })).toMatchObject({ status: 412, body: Buffer.alloc(0) });
  });

  it('says which methods it takes', async () => {
    const answer = await ask(route(), 'REPORT');
    expect([answer.status, answer.headers.allow?.includes('GET, HEAD')]).toEqual([405, true]);
    expect(JSON.parse(String(answer.body)).error.code).toBe('method_not_allowed');
    expect((await ask(route(), 'OPTIONS')).status).toBe(204);
  });
});

/** A safetensors file with one tensor of so many bytes. */
function largeFile(bytes: number): Buffer {
  const header = Buffer.from(
    JSON.stringify({ 'conv_in.bias': { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes, 1)]);
}

/** The first file whose checksum is wrong, and the names of all. */
const READ_ZIP =
  'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(), {i.filename: i.file_size for i in z.infolist()}]))';

describe('the files of a model in several, on the wire', () => {
  let clean: string;
  let suspicious: string;
  beforeAll(async () => {
    const token = await tokenOf('read,upload');
    const of = async (name: string, files: FolderFiles) => {
      writeFolder(join(folder, name), files);
      const { stdout } = await runCli(
        ['upload', '--server', service.url, '--token', token, '--wait', join(folder, name), '--format', 'json'],
        { LOG_LEVEL: 'warn' },
      );
      return `/api/files/${JSON.parse(stdout).files[0].fileId}/original`;
    };
    const { 'unet/diffusion_pytorch_model.safetensors': _, ...rest } = UNET_ALONE;
    clean = await of(NAME, { ...rest, 'unet/diffusion_pytorch_model.bin': torchFloatFile({ 'conv_in.bias': [1] }) });
    suspicious = await of('with a program', { ...UNET_ALONE, 'unet/run.py': 'print("hello")\n' });
  });

  it('are one ZIP file of known length that other readers open, with safetensors in place of pickles', async () => {
    for (const [query, weights] of [
      ['', 'diffusion_pytorch_model.safetensors'],
      ['?pickles=true', 'diffusion_pytorch_model.bin'],
    ] as const) {
      const { status, headers, body } = await askRaw(service.url, 'GET', clean + query);
      const described = {
        'content-length': String(body.length),
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="${PLAIN_NAME}.zip"`,
        'accept-ranges': 'none',
        'x-content-type-options': 'nosniff',
      };
      expect([status, headers]).toEqual([200, expect.objectContaining(described)]);
      expect(headers['transfer-encoding']).toBeUndefined();
      const head = await askRaw(service.url, 'HEAD', clean + query);
      expect(head).toMatchObject({ status: 200, headers: described, body: Buffer.alloc(0) });
      // Ranges of it are not offered: who asks for one gets all of it, and is told so by the status.
      for (const condition of [{}, { 'if-range': '"any"' }]) {
        const range = await askRaw(service.url, 'GET', clean + query, { range: 'bytes=10-19', ...condition });
        expect([range.status, range.body.equals(body), range.headers['content-range']]).toEqual([200, true, undefined]);
      }
      // Another reader, which compares every checksum.
      writeFileSync(join(folder, 'model.zip'), body);
      const { stdout, stderr } = spawnSync('python3', ['-c', READ_ZIP, join(folder, 'model.zip')], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const [broken, sizes] = JSON.parse(stdout);
      const names = ['model_index.json', 'unet/config.json', `unet/${weights}`].map((path) => `${NAME}/${path}`);
      expect([broken, Object.keys(sizes)]).toEqual([null, names]);
      // What was uploaded as it is, is in it as it was.
      for (const path of names.filter((name) => !name.endsWith('.safetensors')))
        expect([path, sizes[path]]).toEqual([path, statSync(join(folder, path)).size]);
    }
  });

  it('are for who sees the model while all of them are clean, and else for whoever may look into the quarantine', async () => {
    const statuses = async (path: string) =>
      Promise.all(
        [{}, { authorization: `Bearer ${await tokenOf('read')}` }, { cookie: adminCookie }].map(
          async (headers: Record<string, string>) => (await askRaw(service.url, 'HEAD', path, headers)).status,
        ),
      );
    expect(await statuses(clean)).toEqual([200, 200, 200]);
    expect(await statuses(suspicious)).toEqual([404, 403, 200]);
    const refused = await askRaw(service.url, 'GET', suspicious);
    expect([refused.status, refused.headers['content-length']]).toEqual([404, String(refused.body.length)]);
  });

  it.runIf(process.platform === 'linux')(
    'of files in place are cut where one was changed meanwhile, refused after that, and left open by nobody',
    async () => {
      const weights = join(folder, 'large', 'unet', 'diffusion_pytorch_model.safetensors');
      writeFolder(join(folder, 'large'), {
        ...UNET_ALONE,
        'unet/diffusion_pytorch_model.safetensors': largeFile(48 * 1024 * 1024),
      });
      const imported = await runCli(['import', join(folder, 'large'), '--in-place', '--format', 'json'], {
        WEIGHHOUSE_HOME: service.home,
        LOG_LEVEL: 'warn',
      });
      expect(JSON.parse(imported.stdout).import.counts).toMatchObject({ imported: { files: 1 } });
      const path = await waitForOriginal('large');
      const whole = await askRaw(service.url, 'HEAD', path);
      expect(whole.status).toBe(200);

      // Who goes away in the middle leaves nothing open.
      const openParts = () =>
        readdirSync(`/proc/${webProcessOf(service.pid())}/fd`).filter((fd) =>
          linkOf(`/proc/${webProcessOf(service.pid())}/fd/${fd}`).startsWith(join(folder, 'large')),
        );
      const gone = await begin(path);
      // The small files come first, so the answer may have begun before the large one is opened.
      await expect.poll(openParts).toHaveLength(1);
      gone.resetAndDestroy();
      await expect.poll(openParts).toEqual([]);

      const slow = await begin(path);
      appendFileSync(weights, 'x');
      const rest: Buffer[] = [];
      slow.on('data', (piece: Buffer) => rest.push(piece));
      await closed(slow.resume());
      const { status, body } = parseAnswer(Buffer.concat(rest));
      expect([status, body.length < Number(whole.headers['content-length'])]).toEqual([200, true]);
      const refused = await askRaw(service.url, 'GET', path);
      expect([refused.status, JSON.parse(String(refused.body)).error.message]).toEqual([
        409,
        expect.stringMatching(/changed/),
      ]);
    },
  );

  /** A request whose answer has begun, and waits in the system for somebody who reads it. */
  async function begin(path: string): Promise<Socket> {
    const { hostname, port, host } = new URL(service.url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    await once(socket, 'readable');
    return socket;
  }

  /** The address of the files of the model of that name, once it is published. */
  async function waitForOriginal(name: string): Promise<string> {
    const find = async () => {
      const { rows } = await (await fetch(`${service.url}/api/catalog?q=${name}`)).json();
      return rows.find((model: { name: string }) => model.name === name)?.id as number | undefined;
    };
    await expect.poll(find).toBeDefined();
    const { versions } = await (await fetch(`${service.url}/api/models/${await find()}`)).json();
    return `/api/files/${versions[0].files[0].id}/original`;
  }
});

it('signs the model that it sends, and the verdict on it', async () => {
  const model = (await ask(routes.model as ByteRoute, 'GET')).body;
  const answer = await ask(routes.signature as ByteRoute, 'GET');
  expect(answer.headers['cache-control']).toBe('private, no-store');
  const { dsseEnvelope } = JSON.parse(String(answer.body));
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  const signed = Buffer.concat([Buffer.from(`DSSEv1 28 ${dsseEnvelope.payloadType} ${payload.length} `), payload]);
  const key = createPublicKey(readFileSync(`${KEY}.pub`));
  expect(verify('sha256', signed, key, Buffer.from(dsseEnvelope.signatures[0].sig, 'base64'))).toBe(true);
  const sha256 = createHash('sha256').update(model).digest('hex');
  expect(JSON.parse(String(payload)).predicate).toMatchObject({
    resources: [{ name: '.', digest: sha256 }],
    scan: { verdict: 'clean', convertedFrom: { name: `${NAME}.safetensors` } },
  });
});

it('gives the name as it is to browsers that open the address, and to nothing that only says it is one', async () => {
  const disposition = async (headers: Record<string, string>) =>
    (await ask(routes.model as ByteRoute, 'HEAD', headers)).headers['content-disposition'];
  const plain = `attachment; filename="${PLAIN_NAME}.safetensors"`;
  expect(await disposition({ 'user-agent': 'Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) Safari/604.1' })).toBe(plain);
  expect(await disposition({ 'sec-fetch-mode': 'navigate' })).toBe(
    `${plain}; filename*=UTF-8''${ENCODED_NAME}.safetensors`,
  );
});

it('is refused in JSON with its length, to who may not have it', async () => {
  const { path } = routes.blob as ByteRoute;
  for (const [refused, status] of [
    [path, 401],
    ['/api/download/models/999999', 404],
    ['/api/download/models/x', 404],
    ['/api/pictures/0/thumbnail', 404],
  ] as const) {
    const answer = await askRaw(service.url, 'GET', refused);
    expect([refused, answer.status, answer.headers['content-length']]).toEqual([
      refused,
      status,
      String(answer.body.length),
    ]);
    expect(JSON.parse(String(answer.body)).error.message).not.toBe('');
  }
});

it.each([
  '/models/%ff',
  '/models/%',
  '/%',
  '/%zz',
  '/api/%ff',
  '/api/models/%c3%28',
  '/api/download/models/%ff',
  '/api/uploads/%ff',
  '/_next/static/%ff',
  '/models/%00',
])('%s, which cannot be read, is 400 in words', async (path) => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    const answer = await askRaw(service.url, method, path);
    expect([method, answer.status]).toEqual([method, 400]);
    if (method !== 'HEAD') expect(JSON.parse(String(answer.body)).error.message).toMatch(/address/);
  }
});

it.each([
  '/?q=%ff',
  '/?q=%',
  '/?page=%zz',
  '/?q=%00',
  '/api/catalog?q=%00',
  '/models/1%2f2',
  '//',
  '/%2e%2e/x',
  '/%5c',
])('%s is no error of the service', async (path) => {
  expect((await askRaw(service.url, 'GET', path)).status).toBeLessThan(500);
});

it('closes connections whose headers do not come, and no upload that comes slowly', async () => {
  const { hostname, port } = new URL(service.url);
  const open = (text: string): Socket => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.write(text);
    return socket.resume();
  };
  const slow = open(
    'POST /api/auth/sign-in/email HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n',
  );
  let answer = '';
  slow.on('data', (piece) => {
    answer += piece;
  });
  const half = Array.from({ length: 300 }, () => open('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '));
  await Promise.all(half.map((socket) => closed(socket)));
  slow.write('{');
  await closed(open('GET /'));
  slow.write('}\n');
  await closed(slow);
  expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d (?!Request Timeout)/);
});

it.runIf(process.platform === 'linux')('leaves no file open when clients go away', async () => {
  const pid = webProcessOf(service.pid());
  const openBlobs = () =>
    readdirSync(`/proc/${pid}/fd`).filter((fd) =>
      linkOf(`/proc/${pid}/fd/${fd}`).startsWith(join(service.home, 'blobs')),
    );
  const { hostname, port } = new URL(service.url);
  const { path } = routes.model as ByteRoute;
  const sockets = Array.from({ length: 50 }, () => connect(Number(port), hostname).on('error', () => {}));
  for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20));
  await Promise.all(sockets.map((socket) => once(socket, 'readable')));
  for (const socket of sockets) socket.resetAndDestroy();
  await expect.poll(() => openBlobs().length).toBe(0);
  // One more answer says that nothing is stuck.
  expect((await ask(routes.model as ByteRoute, 'HEAD')).status).toBe(200);
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The web process that a supervisor started. */
function webProcessOf(supervisor: number): number {
  const found = readdirSync('/proc').find((entry) => {
    try {
      const parent = readFileSync(`/proc/${entry}/stat`, 'latin1').split(') ')[1]?.split(' ')[1];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'latin1');
      return Number(parent) === supervisor && command.includes('app/server');
    } catch {
      return false;
    }
  });
  return Number(found);
}
