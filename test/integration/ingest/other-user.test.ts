import { execFile } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInSandbox } from '#lib/ingest/sandbox.ts';
import type { StageResults } from '#lib/ingest/stages.ts';
import { findSandboxUser } from '#lib/process/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { packWithSevenZip } from '../../fixtures/packed.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';
import { writeSmallLora } from '../../fixtures/render/small-models.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { HANG_MS } from '../../support/limits.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('Not run as root: that stages become another user is not tested.');

/** As root's home is: of the files below, nobody reaches one by its path. */
const closed = mkdtempSync(join(tmpdir(), 'weighhouse closed '));
const scratch = join(closed, 'scratch');
const path = join(closed, 'model.ckpt');
const large = join(closed, 'large.bin');
const packed = join(closed, 'model.7z');
const lora = join(closed, 'lora.safetensors');
const target = join(scratch, 'out.safetensors');
const tensor = { storage: 'FloatStorage', key: '0', elements: 4, name: 'emb_params', shape: [2, 2], stride: [2, 1] };

beforeAll(() => {
  chmodSync(closed, 0o700);
  mkdirSync(scratch);
  const pickle = makeStateDict([tensor]);
  writeFileSync(
    path,
    makeZip([
      { name: 'archive/data.pkl', bytes: pickle },
      { name: 'archive/data/0', bytes: Buffer.alloc(16) },
      // What reads it is loaded for such a member alone.
      { name: 'archive/config.yaml', bytes: Buffer.from('a: !!python/object/apply:os.getcwd []\n') },
    ]),
    { mode: 0o600 },
  );
  writeFileSync(packed, packWithSevenZip('7z', latin1(EVIL2)), { mode: 0o600 });
  // Threads hash one of this size.
  writeFileSync(large, '', { mode: 0o600 });
  truncateSync(large, 65 * 2 ** 20);
  writeSmallLora(lora, 'sd1');
  chmodSync(lora, 0o600);
});
afterAll(() => rmSync(closed, { recursive: true, force: true }));

type Task = { stage: string; path?: string } & Record<string, unknown>;
const model = { path: lora, name: 'lora', sha256: '0'.repeat(64) };
const NOTE = { kind: 'civitai-info', filename: 'x.json', text: '{}' };
/** Nothing to compare tensors with but their source. */
const NOTHING_KNOWN = { tags: { key: '0'.repeat(32), tags: {} } };
const TASKS: readonly Task[] = [
  { stage: 'hash', path: large },
  { stage: 'scan', path, name: 'model.ckpt' },
  { stage: 'scan', path: packed, name: 'model.7z' },
  { stage: 'identify', path, name: 'model.ckpt', sha256: '0'.repeat(64), notes: [NOTE] },
  { stage: 'measure', path },
  { stage: 'convert', path, target, metadata: {} },
  { stage: 'hash', path: target },
  { stage: 'verify', path, target, ...NOTHING_KNOWN },
  { stage: 'variant', path, target: join(scratch, 'half.safetensors'), metadata: {}, options: { dtype: 'F16' } },
  {
    stage: 'merge',
    request: { kind: 'combine-loras', loras: [{ ...model, weight: 1 }] },
    target: join(scratch, 'merged.safetensors'),
    name: 'merged',
    metadata: {},
  },
];

function run(task: Task, more: { entry?: string; scratch?: string } = {}): Promise<unknown> {
  const isBlind = task.stage === 'hash' || task.stage === 'verify';
  const readPaths = task.stage === 'verify' ? [path, target] : [task.path ?? lora];
  return runInSandbox(task, { readPaths, scratch, memory: 512 * 2 ** 20, timeout: HANG_MS, isBlind, ...more });
}

describe.skipIf(!isRoot)('under root', () => {
  it.each(TASKS.map((task, index) => [task.stage, index] as const))(
    'the stage %s (%i) becomes nobody when all is loaded, below a folder closed to others',
    async (_, index) => {
      const { user } = await findSandboxUser();
      expect(user).not.toBeNull();
      const entry = resolve('test/support/watched-stage.ts');
      const as = await run(TASKS[index] as Task, { entry });
      expect(as).toEqual({ addon: false, worker: false, uid: user?.uid, gid: user?.gid, groups: [user?.gid] });
    },
  );

  it('what stages write is of nobody, and what they answer is right', async () => {
    const { user } = await findSandboxUser();
    const converted = (await run({ stage: 'convert', path, target, metadata: {} })) as StageResults['convert'];
    expect(converted.report).toMatchObject({ tensors: 1 });
    expect(lstatSync(target)).toMatchObject({ uid: user?.uid, nlink: 1 });
    const { tags } = converted;
    const verify = { stage: 'verify', path, target, tags };
    expect(await run(verify)).toMatchObject({ tensors: 1, bytes: 16 });
    expect(await run({ stage: 'scan', path: packed, name: 'model.7z' })).toMatchObject({ verdict: 'dangerous' });
  });

  it('a scratch folder may be reached through a link', async () => {
    symlinkSync(closed, `${closed} link`);
    try {
      const folder = join(`${closed} link`, 'scratch');
      const linked = { stage: 'convert', path, target: join(folder, 'linked.safetensors'), metadata: {} };
      expect(await run(linked, { scratch: folder })).toMatchObject({ report: { tensors: 1 } });
    } finally {
      rmSync(`${closed} link`);
    }
  });

  it('a link that stands where a file is to be hashed is not followed', async () => {
    const link = join(scratch, 'link.safetensors');
    symlinkSync(path, link);
    await expect(run({ stage: 'hash', path: link })).rejects.toThrow(/exited without a result/);
  });

  it('nobody reads no file of root, signals no process of root, and does not become root again', async () => {
    const { user } = await findSandboxUser();
    const open = mkdtempSync(join(tmpdir(), 'weighhouse open '));
    chmodSync(open, 0o755);
    const readable = join(open, 'readable');
    const secret = join(open, 'secret');
    writeFileSync(readable, 'for all', { mode: 0o644 });
    writeFileSync(secret, 'for root', { mode: 0o600 });
    try {
      const child = resolve('test/support/other-user-child.ts');
      const args = [child, `--user=${user?.uid}:${user?.gid}`, readable, secret, open];
      const said = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
      expect(said).toMatchObject({
        before: { signal: 'done', read: 'done', write: 'done', return: 'done' },
        after: { signal: 'EPERM', read: 'EACCES', write: 'EACCES', return: 'EPERM' },
        readable: 'for all',
      });
      expect(new Set(said.users)).toEqual(new Set([Array(4).fill(user?.uid).join('\t')]));
    } finally {
      rmSync(open, { recursive: true, force: true });
    }
  });
});
