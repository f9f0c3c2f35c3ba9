import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GET as signature } from '#app/api/download/models/[versionId]/model.sig/route.ts';
import { GET as download } from '#app/api/download/models/[versionId]/route.ts';
import { GET as original } from '#app/api/files/[id]/original/route.ts';
import { GET as report } from '#app/api/files/[id]/report/route.ts';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';
import { createKeyFiles } from '#lib/signing/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes } from '../../support/files.ts';
import { handleAuth, type Session, serve, signUp } from '../../support/http.ts';
import { waitFor } from '../../support/wait-for.ts';

const keys = mkdtempSync(join(tmpdir(), 'weighhouse keys '));
const WEIGHHOUSE_SIGNING_KEY = join(keys, 'signing.key');
createKeyFiles(WEIGHHOUSE_SIGNING_KEY, join(keys, 'signing.pub'));
afterAll(() => rmSync(keys, { recursive: true, force: true }));
await useTestEnvironment({ WEIGHHOUSE_SIGNING_KEY });

const tensor = {
  storage: 'FloatStorage',
  key: '0',
  elements: 768,
  name: 'emb_params',
  shape: [1, 768],
  stride: [768, 1],
};
const clean = makeZip([
  { name: 'archive/data.pkl', bytes: makeStateDict([tensor]) },
  { name: 'archive/data/0', bytes: Buffer.alloc(3072, 1) },
]);
const poisoned = makeZip([
  { name: 'archive/data.pkl', bytes: Buffer.from('\x80\x02cposix\nsystem\n(X\r\0\0\0echo harmlesstR.', 'latin1') },
]);

let worker: Worker;
let service: Awaited<ReturnType<typeof serve>>;
let admin: Session;
let uploader: Session;
let cleanFile: { id: number; versionId: number };
let poisonedFile: { id: number; versionId: number };

async function ingest(filename: string, bytes: Uint8Array, owner: Session) {
  const { fileId } = await enterBytes(filename, bytes, owner.user.id);
  return await waitFor(
    () => db().modelFile.findUniqueOrThrow({ where: { id: fileId } }),
    ({ conversion, state }) => conversion === 'converted' || state === 'dangerous',
  );
}

beforeAll(async () => {
  service = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    const id = /\d+/.exec(pathname)?.[0] ?? '';
    if (pathname.startsWith('/api/auth')) return handleAuth(request);
    if (pathname.endsWith('/original')) return original(request, { params: Promise.resolve({ id }) });
    if (pathname.endsWith('/report')) return report(request, { params: Promise.resolve({ id }) });
    if (pathname.endsWith('/model.sig')) return signature(request, { params: Promise.resolve({ versionId: id }) });
    return download(request, { params: Promise.resolve({ versionId: id }) });
  });
  admin = await signUp(service.url, 'admin@example.org');
  uploader = await signUp(service.url, 'uploader@example.org');
  worker = await startWorker(['ingest']);
  [cleanFile, poisonedFile] = [
    await ingest('Süße "Häuser"=1.ckpt', clean, uploader),
    await ingest('bad.ckpt', poisoned, uploader),
  ];
});
afterAll(async () => {
  await worker.stop();
  await service.close();
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(service.url + path, { method, headers });
const path = () => `/api/download/models/${cleanFile.versionId}`;

describe('the safetensors', () => {
  it('comes whole, with its digest, name and length', async () => {
    const response = await get(path());
    const bytes = Buffer.from(await response.arrayBuffer());
    const sha256 = createHash('sha256').update(bytes).digest();

    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(bytes.length),
      'content-disposition': 'attachment; filename="Susse _Hauser_1.safetensors"',
      etag: `"sha256-${sha256.toString('hex')}"`,
      'repr-digest': `sha-256=:${sha256.toString('base64')}:`,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
    });
  });

  it.each([
    ['bytes=0-9', 206, 0, 10],
    ['bytes=8-', 206, 8, undefined],
    ['bytes=-5', 206, -5, undefined],
    ['bytes=5-2', 200, 0, undefined],
    ['bytes=0-1,4-5', 200, 0, undefined],
    ['rows=0-1', 200, 0, undefined],
  ])('answers Range: %s with %d', async (range, status, from, to) => {
    const whole = Buffer.from(await (await get(path())).arrayBuffer());
    const response = await get(path(), { range });
    expect(response.status).toBe(status);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(
      whole.subarray(from < 0 ? whole.length + from : from, to),
    );
  });

  it('answers a range behind its end with 416 and nothing more', async () => {
    const { size } = { size: Number((await get(path(), {}, 'HEAD')).headers.get('content-length')) };
    const response = await get(path(), { range: `bytes=${size}-` });
    expect([response.status, response.headers.get('content-range'), (await response.arrayBuffer()).byteLength]).toEqual(
      [416, `bytes */${size}`, 0],
    );
  });

  it('honours If-None-Match and If-Range', async () => {
    const etag = (await get(path(), {}, 'HEAD')).headers.get('etag') ?? '';
    expect((await get(path(), { 'if-none-match': etag })).status).toBe(304);
    expect((await get(path(), { 'if-range': etag, range: 'bytes=0-0' })).status).toBe(206);
    expect((await get(path(), { 'if-range': '"other"', range: 'bytes=0-0' })).status).toBe(200);
  });

  it('counts as downloaded once for all its pieces', async () => {
    const count = async () =>
      (await db().model.findFirstOrThrow({ where: { versions: { some: { id: cleanFile.versionId } } } })).downloads;
    const before = await count();
    await (await get(path(), { range: 'bytes=0-99' })).arrayBuffer();
    await (await get(path(), { range: 'bytes=100-' })).arrayBuffer();
    await get(path(), {}, 'HEAD');
    expect(await count()).toBe(before + 1);
  });
});

describe('the signature', () => {
  const sign = (versionId: number) => get(`/api/download/models/${versionId}/model.sig`, { cookie: uploader.cookie });

  it('is of the bytes of the download, with the verdict on what it was converted from', async () => {
    const bytes = Buffer.from(await (await get(path(), { cookie: uploader.cookie })).arrayBuffer());
    const response = await sign(cleanFile.versionId);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
    expect(response.headers.get('content-disposition')).toContain('filename="model.sig"');
    const text = await response.text();
    const { payload, payloadType, signatures } = JSON.parse(text).dsseEnvelope;
    const statement = Buffer.from(payload, 'base64');
    const signed = Buffer.concat([Buffer.from(`DSSEv1 28 ${payloadType} ${statement.length} `), statement]);
    const publicKey = createPublicKey(readFileSync(join(keys, 'signing.pub')));
    expect(verify('sha256', signed, publicKey, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
    const sha256 = (of: Uint8Array) => createHash('sha256').update(of).digest('hex');
    expect(JSON.parse(String(statement))).toMatchObject({
      subject: [{ name: 'Süße "Häuser"=1.safetensors' }],
      predicate: {
        resources: [{ name: '.', digest: sha256(bytes) }],
        scan: { verdict: 'clean', convertedFrom: { name: 'Süße "Häuser"=1.ckpt', sha256: sha256(clean) } },
      },
    });
    // The parts of a download must be of one signature.
    expect(await (await sign(cleanFile.versionId)).text()).toBe(text);
  });

  it('is not there for what has no download, or where the operator has set no key', async () => {
    expect((await sign(poisonedFile.versionId)).status).toBe(409);
    expect((await sign(999_999)).status).toBe(404);
    const { signingKey } = config();
    try {
      config().signingKey = null;
      const response = await sign(cleanFile.versionId);
      expect(response.status).toBe(404);
      expect((await response.json()).error.message).toBe('This catalog does not sign files.');
      config().signingKey = join(keys, 'missing.key');
      expect((await sign(cleanFile.versionId)).status).toBe(503);
    } finally {
      config().signingKey = signingKey;
    }
  });
});

describe('the original', () => {
  it('is for everybody when it is clean', async () => {
    const response = await get(`/api/files/${cleanFile.id}/original`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(clean);
  });

  it('of a dangerous file is for moderators only, and leaves an audit row', async () => {
    const address = `/api/files/${poisonedFile.id}/original`;
    expect((await get(address)).status).toBe(404);
    const refused = await get(address, { cookie: uploader.cookie });
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: { code: 'forbidden', message: expect.stringContaining('quarantine') } },
    ]);

    const fetched = await get(address, { cookie: admin.cookie });
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(poisoned);
    expect(await db().auditEntry.findFirst({ where: { action: 'file.fetch-quarantined' } })).toMatchObject({
      actor: admin.user.id,
    });
  });

  it('that has no safetensors says why, in JSON', async () => {
    const response = await get(`/api/download/models/${poisonedFile.versionId}`, { cookie: uploader.cookie });
    expect([response.status, await response.json()]).toEqual([
      409,
      { error: { code: 'conflict', message: expect.stringContaining('quarantine') } },
    ]);
  });
});

it('hands out the report that the command line prints', async () => {
  const response = await get(`/api/files/${poisonedFile.id}/report`, { cookie: uploader.cookie });
  expect(await response.json()).toMatchObject({
    schema: 1,
    files: [
      {
        path: 'bad.ckpt',
        verdict: 'dangerous',
        findings: expect.arrayContaining([expect.objectContaining({ call: expect.stringContaining('echo harmless') })]),
      },
    ],
  });
});

it.each(['/api/download/models/999999', '/api/download/models/0', '/api/download/models/99999999999'])(
  '%s is nothing, in JSON',
  async (address) => {
    const response = await get(address);
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json']);
  },
);
