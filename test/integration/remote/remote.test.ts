import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { getModel, listTriggerWords } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { boss } from '#lib/queue/index.ts';
import {
  cancelRemoteImport,
  listRemoteImports,
  listSiteTokens,
  removeSiteToken,
  requestRemoteImport,
  retryRemoteImport,
  runRemoteImport,
  setSiteToken,
} from '#lib/remote/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { listUploads } from '#lib/uploads/index.ts';
import { startWorker } from '#lib/worker/index.ts';
import { SHARDS, UNET_ALONE } from '#test/fixtures/model-folders.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { makeUser } from '#test/support/files.ts';
import { answerRaw, type RawRequest, startRawServer } from '#test/support/raw-server.ts';
import { makeSafetensors } from '#test/support/small-safetensors.ts';

type Answer = (socket: Parameters<Parameters<typeof startRawServer>[0]>[0], request: RawRequest) => void;
/** What the server answers, by path without its query; 404 for every other. */
const pages = new Map<string, Answer>();
const serve: Answer = (socket, request) => {
  const answer = pages.get(request.path.replace(/\?.*$/, ''));
  if (answer === undefined) answerRaw(socket, '404 Not Found', { 'content-length': 0 });
  else answer(socket, request);
};
const server = await startRawServer(serve);
/** Neither Hugging Face nor Civitai. */
const elsewhere = await startRawServer(serve);
const endpoint = `http://127.0.0.1:${server.port}`;
const { home } = await useTestEnvironment({
  WEIGHHOUSE_IMPORT_PRIVATE_HOSTS: `127.0.0.1:${server.port} 127.0.0.1:${elsewhere.port}`,
  WEIGHHOUSE_HF_ENDPOINT: endpoint,
  WEIGHHOUSE_CIVITAI_ENDPOINT: endpoint,
});
afterAll(() => Promise.all([server.close(), elsewhere.close()]));

const json =
  (value: unknown): Answer =>
  (socket) => {
    const body = JSON.stringify(value);
    answerRaw(
      socket,
      '200 OK',
      { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      body,
    );
  };
/** A file with ranges and an ETag, as servers send it. */
const file =
  (bytes: Uint8Array, headers: Record<string, string> = {}): Answer =>
  (socket, request) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const etag = `"${sha256Of(bytes)}"`;
    const isPart = from > 0 && (request.headers['if-range'] ?? etag) === etag;
    const body = isPart ? bytes.subarray(from) : bytes;
    const range = isPart ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
    answerRaw(
      socket,
      isPart ? '206 Partial Content' : '200 OK',
      { 'content-length': body.length, etag, ...range, ...headers },
      body,
    );
  };
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let owner: Actor;
let bytes: Uint8Array;
beforeEach(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  bytes = makeSafetensors();
  pages.clear();
  server.requests.length = 0;
});

const MAIN = join(import.meta.dirname, '../../../lib/cli/main.ts');
/** Of files that are being received, in bytes. */
const partSizes = () =>
  existsSync(join(home, 'uploads'))
    ? readdirSync(join(home, 'uploads'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
        .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
    : [];
const leftovers = () => (existsSync(join(home, 'uploads')) ? readdirSync(join(home, 'uploads')) : []);

async function importFrom(source: string) {
  const { id } = await requestRemoteImport(owner, source);
  await runRemoteImport(id);
  return await viewOf(id);
}

async function viewOf(id: number) {
  const found = (await listRemoteImports(owner)).find((one) => one.id === id);
  if (found === undefined) throw new Error('There is no such import.');
  return found;
}

describe('a link', () => {
  it('brings a file into the catalog, under the name that its server gives', async () => {
    pages.set('/a/b', file(bytes, { 'content-disposition': `attachment; filename="../../etc/My_Style.safetensors"` }));
    const view = await importFrom(`${elsewhere.url}/a/b?token=secret`);
    expect(view).toMatchObject({
      state: 'done',
      message: null,
      files: [{ state: 'done', filename: 'My_Style.safetensors' }],
    });
    const id = view.files[0]?.model?.id ?? 0;
    const model = await db().model.findUniqueOrThrow({
      where: { id },
      include: { versions: { include: { files: true } } },
    });
    expect(model).toMatchObject({ name: 'My Style', ownerId: owner.id, sourceUrl: `${elsewhere.url}/a/b` });
    expect(model.versions[0]?.files[0]).toMatchObject({
      filename: 'My_Style.safetensors',
      sourceSha256: sha256Of(bytes),
      state: 'quarantined',
    });
    expect(await blobStore().has(sha256Of(bytes))).toBe(true);
    expect(leftovers()).toEqual([]);
    // It has a list of its own.
    expect(await listUploads(owner)).toEqual([]);
    const audited = JSON.stringify(
      await db().auditEntry.findMany({ where: { subject: 'remote' }, omit: { id: true } }),
    );
    expect(audited).not.toContain('secret');
  });

  it('without a size is received all the same', async () => {
    pages.set('/chunks.safetensors', (socket) => {
      const half = bytes.length >> 1;
      const chunk = (part: Uint8Array) =>
        Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
      const body = Buffer.concat([
        chunk(bytes.subarray(0, half)),
        chunk(bytes.subarray(half)),
        Buffer.from('0\r\n\r\n'),
      ]);
      answerRaw(socket, '200 OK', { 'transfer-encoding': 'chunked' }, body);
    });
    const view = await importFrom(`${elsewhere.url}/chunks.safetensors`);
    expect(view).toMatchObject({ state: 'done', files: [{ size: bytes.length, offset: bytes.length }] });
    expect(await blobStore().has(sha256Of(bytes))).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('whose connection breaks waits, and goes on where it was', async () => {
    pages.set('/broken.safetensors', (socket) => {
      answerRaw(
        socket,
        '200 OK',
        { 'content-length': bytes.length, etag: `"${sha256Of(bytes)}"` },
        bytes.subarray(0, 100),
      );
      socket.end();
    });
    const view = await importFrom(`${elsewhere.url}/broken.safetensors`);
    expect(view).toMatchObject({ state: 'waiting', files: [{ state: 'waiting' }] });
    expect(view.message).toContain('closed the connection');
    expect(view.notBefore).not.toBeNull();
    pages.set('/broken.safetensors', file(bytes));
    await runRemoteImport(view.id);
    expect(await viewOf(view.id)).toMatchObject({ state: 'done', message: null, files: [{ state: 'done' }] });
    expect(elsewhere.requests.at(-1)?.headers.range).toBe('bytes=100-');
    expect(await blobStore().has(sha256Of(bytes))).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('goes on with another worker when the one that had it was killed in the middle, and enters nothing twice', async () => {
    const large = makeSafetensors(4 * 1024 * 1024);
    const whole = file(large);
    let isFirst = true;
    pages.set('/large.safetensors', (socket, request) => {
      if (!isFirst) return whole(socket, request);
      isFirst = false;
      // The rest does not come as long as the first worker lives.
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${large.length}\r\netag: "${sha256Of(large)}"\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), large.subarray(0, large.length >> 1)]));
    });
    const { id } = await requestRemoteImport(owner, `${elsewhere.url}/large.safetensors`);
    const worker = spawn(process.execPath, [MAIN, 'worker', '--kinds', 'remote'], {
      env: process.env,
      stdio: 'ignore',
    });
    const received = () => Math.max(0, ...partSizes());
    await expect.poll(received).toBeGreaterThanOrEqual(1024 * 1024);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(await viewOf(id)).toMatchObject({ state: 'running', files: [{ state: 'running', model: null }] });

    // The half minute after which a heartbeat is missed, and the wait before the next try, are over at once.
    await db().$executeRaw`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE name = 'remote'`;
    await (await boss()).supervise('remote');
    await db().$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'remote' AND state = 'retry'`;
    const kept = received();
    const next = await startWorker(['remote']);
    try {
      await expect.poll(async () => (await viewOf(id)).state).toBe('done');
    } finally {
      await next.stop();
    }
    const ranges = elsewhere.requests
      .filter(({ path }) => path === '/large.safetensors')
      .map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, `bytes=${kept}-`]);
    const files = await db().modelFile.findMany({ where: { version: { model: { ownerId: owner.id } } } });
    expect(files.map(({ sourceSha256 }) => sourceSha256)).toEqual([sha256Of(large)]);
    expect(await db().upload.count({ where: { userId: owner.id } })).toBe(1);
    expect(leftovers()).toEqual([]);
  });

  it.each<[string, Answer, RegExp]>([
    ['a web page', (socket) => answerRaw(socket, '200 OK', { 'content-type': 'text/html' }, '<p>'), /web page/],
    ['nothing', (socket) => answerRaw(socket, '404 Not Found', { 'content-length': 0 }), /does not have/],
    ['no byte', (socket) => answerRaw(socket, '200 OK', { 'content-length': 0 }), /empty/],
    [
      'a redirect to a private address',
      (socket) => answerRaw(socket, '302 Found', { location: 'http://10.0.0.1/' }),
      /not allowed/,
    ],
  ])('to %s fails with a reason, and leaves nothing', async (_what, answer, words) => {
    pages.set('/bad', answer);
    const view = await importFrom(`${elsewhere.url}/bad`);
    expect(view.state).toBe('failed');
    expect(view.message).toMatch(words);
    expect(leftovers()).toEqual([]);
    expect(await db().model.count({ where: { ownerId: owner.id } })).toBe(0);
  });

  it('is refused where its host is not allowed, for viewers, and over the quota', async () => {
    await expect(requestRemoteImport(owner, 'https://example.org/a')).rejects.toThrow('not allowed: example.org');
    await expect(requestRemoteImport(owner, 'nothing')).rejects.toThrow('This is not a link');
    const viewer: Actor = { ...(await makeUser('viewer')), role: 'viewer' };
    await expect(requestRemoteImport(viewer, elsewhere.url)).rejects.toMatchObject({ code: 'forbidden' });
    await db().user.update({ where: { id: owner.id }, data: { quota: { bytes: 10, files: null } } });
    pages.set('/a.safetensors', file(bytes));
    const view = await importFrom(`${elsewhere.url}/a.safetensors`);
    expect(view).toMatchObject({ state: 'failed' });
    expect(view.message).toMatch(/quota/);
    expect(leftovers()).toEqual([]);
  });

  it('that is cancelled drops what is there, and can be started again', async () => {
    pages.set('/stalls.safetensors', (socket) =>
      answerRaw(socket, '200 OK', { 'content-length': bytes.length, etag: '"a"' }, bytes.subarray(0, 100)),
    );
    const { id } = await requestRemoteImport(owner, `${elsewhere.url}/stalls.safetensors`);
    const running = runRemoteImport(id);
    await expect.poll(() => db().upload.count({ where: { userId: owner.id } })).toBe(1);
    await cancelRemoteImport(owner, id);
    await running;
    expect((await viewOf(id)).state).toBe('cancelled');
    expect(leftovers()).toEqual([]);
    const stranger: Actor = { ...(await makeUser('uploader')), role: 'uploader' };
    await expect(cancelRemoteImport(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(retryRemoteImport(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    pages.set('/stalls.safetensors', file(bytes));
    await retryRemoteImport(owner, id);
    await runRemoteImport(id);
    expect((await viewOf(id)).state).toBe('done');
  });
});

describe('Hugging Face', () => {
  const sha = 'a'.repeat(40);
  const readme =
    '---\nlicense: mit\ntags:\n  - anime\n  - base:x\nbase_model: stabilityai/sdxl\ninstance_prompt: my token\nwidget:\n  - output:\n      url: one.png\n---\n# Title\n\nWords.\n';

  async function repository(oid = sha256Of(bytes)) {
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    pages.set('/api/models/org/name/revision/main', json({ id: 'org/name', sha }));
    pages.set(`/api/models/org/name/tree/${sha}`, (socket, request) => {
      // In two pages, as large repositories come.
      if (request.path.includes('cursor=')) {
        const rest = [
          { type: 'file', path: 'sub/model.safetensors', size: bytes.length, lfs: { oid, size: bytes.length } },
        ];
        return json(rest)(socket, request);
      }
      const body = JSON.stringify([
        { type: 'file', path: 'README.md', size: 9 },
        { type: 'directory', path: 'sub' },
        { type: 'file', path: 'config.json', size: 2 },
      ]);
      const link = `<${endpoint}/api/models/org/name/tree/${sha}?recursive=true&cursor=x>; rel="next"`;
      return answerRaw(
        socket,
        '200 OK',
        { 'content-type': 'application/json', 'content-length': body.length, link },
        body,
      );
    });
    pages.set(`/org/name/resolve/${sha}/README.md`, file(Buffer.from(readme)));
    pages.set(`/org/name/resolve/${sha}/one.png`, file(picture));
    pages.set(`/org/name/resolve/${sha}/sub/model.safetensors`, file(bytes));
  }

  it.each([
    'hf:org/name',
    'hf:org/name@main:sub',
    'hf:org/name:sub/model.safetensors',
    `URL/org/name/blob/main/sub/model.safetensors`,
  ])('%s brings the model with what its card says', async (source) => {
    await repository();
    const view = await importFrom(source.replace('URL', endpoint));
    expect(view).toMatchObject({
      state: 'done',
      name: 'name',
      files: [{ state: 'done', filename: 'model.safetensors' }],
    });
    const model = await getModel(owner, view.files[0]?.model?.id ?? 0);
    expect(model).toMatchObject({ name: 'name', description: '# Title\n\nWords.', tags: ['anime'] });
    const row = await db().model.findUniqueOrThrow({ where: { id: model?.id ?? 0 }, include: { pictures: true } });
    expect(row).toMatchObject({ licence: 'mit', sourceUrl: `${endpoint}/org/name` });
    expect(row.pictures).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  /** A repository with these files, by path. */
  function shelf(files: Readonly<Record<string, Uint8Array | string>>) {
    pages.set('/api/models/org/name/revision/main', json({ id: 'org/name', sha }));
    const entries = Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) }));
    pages.set(
      `/api/models/org/name/tree/${sha}`,
      json(entries.map(({ path, bytes: { length } }) => ({ type: 'file', path, size: length }))),
    );
    for (const { path, bytes: content } of entries) pages.set(`/org/name/resolve/${sha}/${path}`, file(content));
  }
  const filesOf = async (modelId: number) =>
    await db().modelFile.findFirstOrThrow({
      where: { version: { modelId } },
      include: { parts: { orderBy: { path: 'asc' } }, sidecars: { orderBy: { filename: 'asc' } } },
    });
  /** A diffusers folder like no other. */
  const makePipeline = () => ({
    'model_index.json': JSON.stringify(UNET_ALONE['model_index.json']),
    'unet/config.json': '{}',
    'unet/diffusion_pytorch_model.safetensors': makeSafetensors(),
  });

  it.each(['hf:org/name', 'hf:org/name:model_index.json'])(
    '%s of a diffusers folder is one model, in the format that programs load',
    async (source) => {
      const pipeline = makePipeline();
      shelf({
        ...pipeline,
        'README.md': readme,
        'LICENSE.md': 'Do what you like.',
        'unet/diffusion_pytorch_model.bin': 'a pickle',
        'unet/diffusion_pytorch_model.fp16.safetensors': bytes,
        'unet/flax_model.msgpack': 'flax',
        'vae_decoder/model.onnx': 'onnx',
        'one.png': 'no image',
      });
      const view = await importFrom(source);
      expect(view).toMatchObject({ state: 'done', name: 'name' });
      expect(view.files.map(({ filename, state }) => [filename, state])).toEqual(
        Object.keys(pipeline).map((path) => [path, 'done']),
      );
      const [modelId, ...others] = new Set(view.files.map(({ model }) => model?.id ?? 0));
      expect(others).toEqual([]);
      const entered = await filesOf(modelId ?? 0);
      expect(entered).toMatchObject({ layout: 'diffusers', filename: 'name' });
      expect(entered.parts.map(({ path }) => path)).toEqual(Object.keys(pipeline).sort());
      expect(entered.sidecars.map(({ filename }) => filename)).toEqual([
        'name.json',
        'name.license.txt',
        'name.readme.md',
      ]);
      expect((await getModel(owner, modelId ?? 0))?.tags).toEqual(['anime']);
      expect(leftovers()).toEqual([]);
      expect(await listUploads(owner)).toEqual([]);
    },
  );

  it('shards with their index are one model, beside others, each with what lies beside it', async () => {
    const shards = Object.fromEntries(
      Object.entries(SHARDS).map(([path, content]) => [
        `large/${path}`,
        content instanceof Uint8Array ? content : JSON.stringify(content),
      ]),
    );
    shelf({
      ...shards,
      'large/config.json': '{"architectures": ["X"]}',
      'small/style.safetensors': bytes,
      'small/style.civitai.info': '{"trainedWords": ["quay"]}',
      'small/style.json': 'not JSON',
      'small/other.json': '{}',
    });
    const view = await importFrom('hf:org/name');
    expect(view.state).toBe('done');
    const models = [...new Set(view.files.map(({ model }) => model?.id ?? 0))];
    expect(models).toHaveLength(2);
    const entered = await Promise.all(models.map(filesOf));
    const about = entered.map(({ filename, layout, parts, sidecars }) => [
      filename,
      layout,
      parts.length,
      sidecars.map((one) => one.filename),
    ]);
    expect(about).toEqual([
      // What names its class is a part of it.
      ['large', 'shards', 4, ['large.json']],
      ['style.safetensors', 'file', 0, ['style.civitai.info', 'style.json']],
    ]);
  });

  it('goes on with a model in several files after a file did not come, and enters it once', async () => {
    shelf(makePipeline());
    const path = `/org/name/resolve/${sha}/unet/config.json`;
    const whole = pages.get(path);
    pages.set(path, (socket) => answerRaw(socket, '503 Service Unavailable', { 'content-length': 0 }));
    const view = await importFrom('hf:org/name');
    expect(view).toMatchObject({ state: 'waiting' });
    expect(view.files.map(({ model }) => model)).toEqual([null, null, null]);
    if (whole !== undefined) pages.set(path, whole);
    server.requests.length = 0;
    await runRemoteImport(view.id);
    expect(await viewOf(view.id)).toMatchObject({ state: 'done' });
    const asked = server.requests.filter((request) => request.path.includes('/resolve/'));
    expect(asked.map((request) => request.path)).toEqual([path]);
    expect(await db().modelFile.count({ where: { version: { model: { ownerId: owner.id } } } })).toBe(1);
  });

  it('refuses a file whose digest is another', async () => {
    await repository('b'.repeat(64));
    const view = await importFrom('hf:org/name');
    expect(view).toMatchObject({ state: 'failed' });
    expect(view.message).toMatch(/checksum/);
    expect(leftovers()).toEqual([]);
    expect(await blobStore().has(sha256Of(bytes))).toBe(false);
  });

  it('says what to do where access is denied, and sends the token of the person to it alone', async () => {
    pages.set('/api/models/org/name/revision/main', (socket) =>
      answerRaw(socket, '401 Unauthorized', { 'content-length': 0 }),
    );
    expect((await importFrom('hf:org/name')).message).toContain('Set your Hugging Face token on the account page');
    await setSiteToken(owner, 'huggingface', 'hf_secret');
    expect((await importFrom('hf:org/name')).message).toContain('does not give access');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer hf_secret']);
    const kept = await db().siteToken.findFirstOrThrow({ where: { userId: owner.id } });
    expect(Buffer.from(kept.sealed).toString('latin1')).not.toContain('hf_secret');
    expect(await listSiteTokens(owner)).toEqual(['huggingface']);
    // Copied to somebody else it opens for nobody.
    const other: Actor = { ...(await makeUser('uploader')), role: 'uploader' };
    await db().siteToken.create({ data: { ...kept, userId: other.id } });
    owner = other;
    server.requests.length = 0;
    await importFrom('hf:org/name');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    await removeSiteToken(owner, 'huggingface');
    expect(await listSiteTokens(owner)).toEqual([]);
  });
});

describe('Civitai', () => {
  async function site(
    hashes: Record<string, string> = {
      SHA256: sha256Of(bytes).toUpperCase(),
      AutoV2: sha256Of(bytes).slice(0, 10).toUpperCase(),
    },
  ) {
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } })
      .png()
      .toBuffer();
    const version = {
      id: 42,
      name: 'v2.0',
      baseModel: 'SDXL 1.0',
      trainedWords: ['my token'],
      description: '<p>Better.</p>',
      files: [
        {
          id: 8,
          name: 'training.zip',
          type: 'Training Data',
          downloadUrl: `${endpoint}/api/download/models/42?type=Training`,
        },
        {
          id: 9,
          name: 'style.safetensors',
          type: 'Model',
          primary: true,
          sizeKB: 1,
          hashes,
          downloadUrl: `${endpoint}/api/download/models/42`,
        },
      ],
      images: [
        { url: `${endpoint}/image/1.png`, type: 'image', nsfwLevel: 1 },
        { url: `${endpoint}/2.mp4`, type: 'video' },
      ],
    };
    pages.set(
      '/api/v1/models/7',
      json({
        id: 7,
        name: 'A style',
        type: 'LORA',
        description: '<h1>Hello</h1><script>alert(1)</script><p>See <a href="https://example.org">this</a>.</p>',
        tags: ['anime', 'style'],
        allowNoCredit: false,
        allowCommercialUse: '{Image,RentCivit}',
        allowDerivatives: true,
        modelVersions: [version],
      }),
    );
    pages.set('/api/v1/model-versions/42', json({ ...version, modelId: 7 }));
    pages.set('/api/download/models/42', file(bytes));
    pages.set('/image/1.png', file(picture));
  }

  it.each([
    'urn:air:sdxl:lora:civitai:7@42',
    'urn:air:sdxl:lora:civitai:7',
    'civitai:7@42',
    'https://civitai.com/models/7/a-style?modelVersionId=42',
    'https://civitai.com/api/download/models/42?type=Model&format=SafeTensor',
  ])('%s brings the version with what its page says', async (source) => {
    await site();
    pages.delete('/api/v1/none');
    if (source.includes('format='))
      pages.set('/api/v1/model-versions/42', (socket, request) =>
        json({
          id: 42,
          modelId: 7,
          name: 'v2.0',
          baseModel: 'SDXL 1.0',
          trainedWords: ['my token'],
          files: [
            {
              id: 9,
              name: 'style.safetensors',
              type: 'Model',
              metadata: { format: 'SafeTensor' },
              downloadUrl: `${endpoint}/api/download/models/42`,
            },
          ],
          images: [{ url: `${endpoint}/image/1.png` }],
        })(socket, request),
      );
    const view = await importFrom(source);
    expect(view).toMatchObject({ state: 'done', name: 'A style', files: [{ filename: 'style.safetensors' }] });
    const id = view.files[0]?.model?.id ?? 0;
    const row = await db().model.findUniqueOrThrow({
      where: { id },
      include: { pictures: true, tags: { include: { tag: true } }, versions: { include: { files: true } } },
    });
    expect(row).toMatchObject({
      name: 'A style',
      licence: "credit required; commercial use: sell images, run on Civitai's generator; merges allowed",
      sourceUrl: `${endpoint}/models/7?modelVersionId=42`,
      versions: [{ name: 'v2.0' }],
    });
    expect(row.description).toContain('# Hello');
    expect(row.description).toContain('[this](https://example.org)');
    expect(row.description).not.toMatch(/alert|<\w/);
    expect(row.tags.map(({ tag }) => tag.name).sort()).toEqual(['anime', 'style']);
    expect(row.pictures).toHaveLength(1);
    const words = await listTriggerWords(row.versions[0]?.files[0]?.id ?? 0, new Map());
    expect(words.map(({ text }) => text)).toEqual(['my token']);
    const note = await db().sidecar.findFirstOrThrow({ where: { fileId: row.versions[0]?.files[0]?.id ?? 0 } });
    expect(note).toMatchObject({ filename: 'style.civitai.info', kind: 'civitai' });
    expect(leftovers()).toEqual([]);
  });

  it.each([
    ['SHA256', 'c'.repeat(64)],
    ['BLAKE3', 'c'.repeat(64)],
    ['AutoV2', 'c'.repeat(10)],
    ['CRC32', '0'.repeat(8)],
  ])('refuses a file whose %s is another', async (name, digest) => {
    await site({ [name]: digest });
    const view = await importFrom('civitai:7@42');
    expect(view).toMatchObject({ state: 'failed' });
    expect(view.message).toMatch(/checksum/);
    expect(leftovers()).toEqual([]);
  });

  it('enters nothing twice, and changes nothing of what is there', async () => {
    await site();
    await importFrom('civitai:7@42');
    const before = await db().model.findFirstOrThrow({ where: { ownerId: owner.id } });
    await db().model.update({ where: { id: before.id }, data: { description: 'mine' } });
    const view = await importFrom('civitai:7@42');
    expect(view).toMatchObject({ state: 'done', files: [{ model: { id: before.id } }] });
    expect(await db().model.findFirstOrThrow({ where: { id: before.id } })).toMatchObject({ description: 'mine' });
  });

  it('says nothing of a model that the person may not see', async () => {
    await site();
    await importFrom('civitai:7@42');
    owner = { ...(await makeUser('uploader')), role: 'uploader' };
    const view = await importFrom('civitai:7@42');
    expect(view).toMatchObject({ state: 'done', files: [{ model: null, fileId: null, isDuplicate: true }] });
    expect(view.files[0]?.message).toMatch(/may not see/);
  });
});
