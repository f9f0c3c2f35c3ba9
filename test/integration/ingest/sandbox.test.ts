import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInSandbox, SandboxError, type SandboxLimits } from '#lib/ingest/sandbox.ts';
import type { Identification, StageResults } from '#lib/ingest/stages.ts';
import type { TensorTags } from '#scanner/convert/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { DENIED } from '../../support/denied.ts';
import { HANG_MS } from '../../support/limits.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse sandbox ')));
const scratch = mkdtempSync(join(folder, 'scratch-'));
const secret = join(folder, 'secret');
const server = createServer((socket) => socket.end());
let port = 0;

beforeAll(async () => {
  writeFileSync(secret, 'the other file');
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const limits = { readPaths: [] as string[], scratch, memory: 512 * 2 ** 20, timeout: HANG_MS };
const hostile = resolve('test/support/hostile-child.ts');
const attempt = (name: string, path = secret, more: Partial<SandboxLimits> = {}) =>
  runInSandbox<unknown>({ attempt: name, path, port }, { ...limits, ...more, entry: hostile });

describe('a program in the sandbox', () => {
  it.each(['read', 'write', 'spawn', 'worker', 'addon', 'connect', 'signal', 'priority', 'flags', 'database'])(
    'cannot %s',
    async (name) => {
      expect(await attempt(name)).toMatch(DENIED);
    },
  );

  it.each(['read', 'spawn', 'connect'])('cannot %s where it looks at bytes alone, either', async (name) => {
    expect(await attempt(name, secret, { isBlind: true })).toMatch(/ERR_ACCESS_DENIED|permission/i);
  });

  it('may load addons and start threads where it looks at bytes alone, and then write nothing', async () => {
    expect(await attempt('addon', secret, { isBlind: true })).toMatch(/^d74981efa70a/);
    expect(await attempt('worker', secret, { isBlind: true })).toBe(1);
    expect(await attempt('write', join(scratch, 'addon.node'), { isBlind: true })).toMatch(/ERR_ACCESS_DENIED/);
  });

  it('reads what it was given, and writes to its scratch folder', async () => {
    expect(await attempt('read', secret, { readPaths: [secret] })).toBe('the other file');
    expect(await attempt('write', join(scratch, 'out'))).toBeNull();
  });

  it('sees nothing of the environment of the service', async () => {
    process.env.DATABASE_URL = 'postgresql://somebody:password@localhost/x';
    try {
      expect(await attempt('environment')).toEqual(['LANG', 'NODE_ENV', 'NODE_NO_WARNINGS', 'PATH', 'TZ']);
    } finally {
      delete process.env.DATABASE_URL;
    }
  });

  it.each([
    ['heap', 'out_of_memory', { memory: 200 * 2 ** 20 }],
    ['buffers', 'out_of_memory', { memory: 200 * 2 ** 20 }],
    ['hang', 'time_limit', { timeout: 1000 }],
    ['exit', 'crash', {}],
  ] as const)('that does %s ends in %s', async (name, code, more) => {
    const error = await attempt(name, secret, more).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandboxError);
    expect((error as SandboxError).code).toBe(code);
  });
});

describe('the stages', () => {
  const path = join(folder, 'model.ckpt');
  const tensor = { storage: 'FloatStorage', key: '0', elements: 4, name: 'emb_params', shape: [2, 2], stride: [2, 1] };
  const bytes = makeZip([
    { name: 'archive/data.pkl', bytes: makeStateDict([tensor]) },
    { name: 'archive/data/0', bytes: Buffer.alloc(16) },
  ]);
  const target = join(scratch, 'out.safetensors');
  const run = <T>(task: object) => runInSandbox<T>(task, { ...limits, readPaths: [path] });
  const verify = (tags: TensorTags) =>
    runInSandbox<StageResults['verify']>(
      { stage: 'verify', path, target, tags },
      { ...limits, readPaths: [path, target], isBlind: true },
    );
  beforeAll(() => writeFileSync(path, bytes));

  it('run from the file to its verified safetensors', async () => {
    expect(await run({ stage: 'hash', path })).toMatchObject({ crc32: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(await run({ stage: 'scan', path, name: 'model.ckpt' })).toMatchObject({
      verdict: 'clean',
      container: 'torch-zip',
    });
    const identified = await run<Identification>({
      stage: 'identify',
      path,
      name: 'model.ckpt',
      sha256: '0'.repeat(64),
      notes: [],
    });
    expect(identified.tensors).toEqual([{ name: 'emb_params', dtype: 'F32', shape: [2, 2] }]);
    const convert = { stage: 'convert', path, target, metadata: {} };
    const { report, tags } = await run<StageResults['convert']>(convert);
    expect(report).toMatchObject({ tensors: 1 });
    expect(Object.keys(tags.tags)).toEqual(['emb_params']);
    expect(await verify(tags)).toEqual({
      tensors: 1,
      bytes: 16,
      hashes: await hashFile(target),
    });
  });

  it('hash what they verify in threads where that is worth it', async () => {
    const elements = 65 * 2 ** 18;
    const large = { ...tensor, elements, shape: [elements], stride: [1] };
    writeFileSync(
      path,
      makeZip([
        { name: 'archive/data.pkl', bytes: makeStateDict([large]) },
        { name: 'archive/data/0', bytes: Buffer.alloc(elements * 4, 'weights') },
      ]),
    );
    const { tags } = await run<StageResults['convert']>({ stage: 'convert', path, target, metadata: {} });
    expect(await verify(tags)).toEqual({ tensors: 1, bytes: elements * 4, hashes: await hashFile(target) });
    const file = openSync(target, 'r+');
    writeSync(file, 'W', elements * 2);
    closeSync(file);
    await expect(verify(tags)).rejects.toMatchObject({ code: 'refused', cause: 'VerificationError' });
    writeFileSync(path, bytes);
  });

  it.skipIf(process.platform !== 'linux')('say that the disk is full', async () => {
    const full = join(scratch, 'full.safetensors');
    // A device on which every write finds the disk full, in the place of the file that is being written.
    symlinkSync('/dev/full', `${full}.part`);
    const error = await run({ stage: 'convert', path, target: full, metadata: {} }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'crash', message: "The server's disk is full." });
  });

  it('say in words what is wrong with a file', async () => {
    writeFileSync(target, 'not a model');
    const tags = { key: '0'.repeat(32), tags: {} };
    const error = await verify(tags).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'refused', cause: expect.stringMatching(/Malformed|VerificationError/) });
  });
});
