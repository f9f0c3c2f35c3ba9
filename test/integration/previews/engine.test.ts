import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GET, HEAD, PUT } from '#app/api/blobs/[sha256]/route.ts';
import { type Actor, createApiToken } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { readMetadata } from '#lib/pictures/index.ts';
import { getModelPreviews, listProfiles, renderAgain, stopPreviews } from '#lib/previews/index.ts';
import { boss, stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { writeSmallCheckpoint, writeSmallLora } from '../../fixtures/render/small-models.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';
import { serve } from '../../support/http.ts';
import { useSmallProfiles } from './test-renderer.ts';

const { home } = await useTestEnvironment({ WEIGHHOUSE_RENDER_PROVIDER: 'cpu' });
const MAIN = join(import.meta.dirname, '..', '..', '..', 'lib', 'cli', 'main.ts');

let owner: Actor;
let admin: Actor;
let worker: Worker | undefined;
const enter = async (name: string, write: typeof writeSmallLora) => {
  const path = join(home, `${name}.safetensors`);
  write(path, 'sd1', 'real');
  const { fileId } = await enterBytes(`${name}.safetensors`, readFileSync(path), owner.id);
  rmSync(path);
  return await db().modelFile.findUniqueOrThrow({
    where: { id: fileId },
    select: { version: { select: { modelId: true } } },
  });
};
const stateOf = async (modelId: number) => (await getModelPreviews(owner, modelId)).current?.state ?? null;

beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  await listProfiles(admin);
  await useSmallProfiles();
});
afterAll(async () => {
  await stopPreviews();
  await worker?.stop();
  await stopQueue();
});

/** How much every thread of this process's engines gives way, each value once. */
function listEngines(): number[] {
  if (process.platform !== 'linux') return [constants.priority.PRIORITY_BELOW_NORMAL];
  const children = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && statOf(pid).includes(` ${process.pid} `));
  const engines = children.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/render/engine/child'),
  );
  const threads = engines.flatMap((pid) => readdirSync(`/proc/${pid}/task`));
  return [...new Set(threads.map((thread) => getPriority(Number(thread))))];
}

/** State and parent of a process. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.slice(0, 16) ?? '';
  } catch {
    return '';
  }
}

let lora: number;
let checkpoint: number;

it('draws what was uploaded, with nothing but the engine: a LoRA waits for its base, and its sweep shows', async () => {
  worker = await startWorker(['ingest', 'plan', 'preview']);
  ({
    version: { modelId: lora },
  } = await enter('style', writeSmallLora));
  await expect.poll(() => stateOf(lora)).toBe('waiting_for_base');
  ({
    version: { modelId: checkpoint },
  } = await enter('small', writeSmallCheckpoint));
  await expect.poll(() => stateOf(checkpoint)).toBe('done');
  await expect.poll(() => stateOf(lora)).toBe('done');

  const { current } = await getModelPreviews(null, lora);
  expect(current).toMatchObject({
    layout: 'sweep',
    done: 3,
    total: 3,
    base: { name: 'small', model: { id: checkpoint } },
    evidence: { provider: 'cpu', precision: 'fp32' },
  });
  expect(current?.evidence?.device).not.toBe('');
  // It gives way to the checks of uploads, which people wait for.
  expect(listEngines()).toEqual([constants.priority.PRIORITY_BELOW_NORMAL]);
  expect(current?.notes[0]).toMatch(/^Rendered without a GPU at 64 × 64 with 1 steps/);
  const pictures = (current?.tiles ?? []).map(({ picture }) => picture);
  expect(pictures.map((picture) => picture?.loraWeight)).toEqual([0, 0.5, 1]);
  expect(pictures.map((picture) => [picture?.width, picture?.height])).toEqual([
    [64, 64],
    [64, 64],
    [64, 64],
  ]);
  // The LoRA changes what is drawn, and more of it changes it more.
  expect(new Set(pictures.map((picture) => picture?.url.split('=')[1])).size).toBe(3);
  expect(pictures[1]?.infotext).toMatch(
    /<lora:style:0\.5>[\s\S]*Seed: 1, Size: 64x64, Model hash: [0-9a-f]{10}, Model: small/,
  );
  const row = await db().picture.findUniqueOrThrow({ where: { id: pictures[1]?.id ?? 0 } });
  const png = readFileSync(blobStore().pathOf(row.sha256));
  expect((await readMetadata(png))?.parameters.loras).toMatchObject([{ name: 'style', weight: 0.5 }]);
});

describe('a worker on another machine', () => {
  let service: Awaited<ReturnType<typeof serve>>;
  let elsewhere: string;
  let token: string;
  let child: ChildProcess | undefined;
  const asked: string[] = [];
  beforeAll(async () => {
    await stopPreviews();
    await worker?.stop();
    worker = undefined;
    elsewhere = mkdtempSync(join(tmpdir(), 'weighhouse elsewhere '));
    ({ token } = await createApiToken(admin.id, 'renderer', ['worker']));
    service = await serve((request) => {
      if (request.headers.get('range') !== 'bytes=0-0') asked.push(request.method);
      const sha256 = new URL(request.url).pathname.split('/').at(-1) ?? '';
      const handler = { GET, HEAD, PUT }[request.method as 'GET'];
      return handler(request, { params: Promise.resolve({ sha256 }) });
    });
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await service.close();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  const ask = (method: string, sha256: string, init: RequestInit & { as?: string } = {}) =>
    fetch(`${service.url}/api/blobs/${sha256}`, {
      ...init,
      method,
      headers: { authorization: `Bearer ${init.as ?? token}` },
    });

  it('draws through the web server: fetches files into its cache and brings pictures', async () => {
    const before = (await getModelPreviews(owner, lora)).current?.tiles.map(({ picture }) => picture?.url);
    // Other weights than were drawn here, so that every picture is a new one.
    await db().previewProfile.updateMany({
      where: { id: 'sd1' },
      data: { version: { increment: 1 }, data: { ...(await profileData()), loraWeights: [0.25, 1.25] } },
    });
    await renderAgain(owner, lora, '');
    child = spawn(process.execPath, [MAIN, 'worker', '--kinds', 'preview'], {
      env: {
        ...process.env,
        WEIGHHOUSE_HOME: elsewhere,
        WEIGHHOUSE_STORE_URL: service.url,
        WEIGHHOUSE_STORE_TOKEN: token,
      },
      stdio: 'ignore',
    });
    await expect.poll(() => stateOf(lora)).toBe('done');
    const { current } = await getModelPreviews(null, lora);
    expect(current?.tiles.map(({ loraWeight }) => loraWeight)).toEqual([0.25, 1.25]);
    for (const { picture } of current?.tiles ?? []) {
      expect(before).not.toContain(picture?.url);
      const { sha256 } = await db().picture.findUniqueOrThrow({ where: { id: picture?.id ?? 0 } });
      expect(
        createHash('sha256')
          .update(readFileSync(blobStore().pathOf(sha256)))
          .digest('hex'),
      ).toBe(sha256);
    }
    // Checkpoint and LoRA lie in its cache, nothing else of the store is there, and no original was asked for.
    expect(readdirSync(join(elsewhere, 'cache')).filter((name) => name !== 'marks')).toHaveLength(2);
    expect(readdirSync(elsewhere)).not.toContain('blobs');
    expect(asked.filter((one) => one === 'GET')).toHaveLength(2);
    expect(asked.filter((one) => one.startsWith('PUT'))).not.toHaveLength(0);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('gets nothing that it need not have, and nobody else gets anything', async () => {
    const { sha256 } = await db().blob.findFirstOrThrow({ where: { converted: { some: {} } } });
    expect((await ask('HEAD', sha256)).status).toBe(200);
    const { token: uploads } = await createApiToken(admin.id, 'upload', ['read', 'upload']);
    const roleOf = (role: 'admin' | 'uploader') => db().user.update({ where: { id: owner.id }, data: { role } });
    await expect(createApiToken(owner.id, 'stolen scope', ['worker'])).rejects.toMatchObject({ code: 'forbidden' });
    await roleOf('admin');
    const { token: notAdmin } = await createApiToken(owner.id, 'of an earlier role', ['worker']);
    await roleOf('uploader');
    for (const as of [uploads, notAdmin]) expect((await ask('GET', sha256, { as })).status).toBe(403);
    expect((await fetch(`${service.url}/api/blobs/${sha256}`)).status).toBe(401);
    // In quarantine: it is nobody's safetensors.
    const { fileId } = await enterBytes('x.ckpt', Buffer.from('not looked at yet'), owner.id);
    const { sourceSha256 } = await db().modelFile.findUniqueOrThrow({ where: { id: fileId } });
    for (const method of ['GET', 'HEAD']) expect((await ask(method, sourceSha256)).status).toBe(404);
    expect((await ask('GET', '..%2f..%2fetc%2fpasswd')).status).toBe(404);
  });

  it('brings pictures alone, and only as what they are', async () => {
    const put = (bytes: Buffer, sha256 = createHash('sha256').update(bytes).digest('hex')) =>
      ask('PUT', sha256, { body: new Uint8Array(bytes) });
    const picture = await db().picture.findFirstOrThrow();
    const png = readFileSync(blobStore().pathOf(picture.sha256));
    expect((await put(png)).status).toBe(201);
    expect((await put(png, '0'.repeat(64))).status).toBe(400);
    expect((await put(Buffer.from('\x80\x02cposix\nsystem\n', 'latin1'))).status).toBe(415);
    expect(await db().blob.count({ where: { sha256: '0'.repeat(64) } })).toBe(0);
  });

  const profileData = async () =>
    (await db().previewProfile.findUniqueOrThrow({ where: { id: 'sd1' } })).data as Record<string, unknown>;
});

it('leaves no job behind', async () => {
  const jobs = await (await boss()).findJobs('preview', { queued: true });
  expect(jobs.length).toBeLessThanOrEqual(1);
});
