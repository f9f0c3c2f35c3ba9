import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FileProcess } from '#lib/ingest/file-process.ts';
import { ReadyProcesses } from '#lib/ingest/ready-processes.ts';
import { tryOut } from '#lib/ingest/stage-snapshot.ts';
import { findSandboxUser } from '#lib/process/index.ts';
import { snapshotFile } from '#lib/process/programs.ts';
import { bundleForSnapshot } from '#scripts/bundle.mjs';
import { writeSnapshots } from '#scripts/snapshots.mjs';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { packWithSevenZip } from '../../fixtures/packed.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';
import { writeSmallLora } from '../../fixtures/render/small-models.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { DENIED } from '../../support/denied.ts';
import { HANG_MS } from '../../support/limits.ts';
import { watchStageUsers } from '../../support/stage-users.ts';

const closed = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse ready ')));
const folder = join(closed, 'scratch');
const given = join(closed, 'given');
const secret = join(closed, 'secret');
const lora = join(closed, 'lora.safetensors');
const limits = { memory: 300 * 2 ** 20, timeout: HANG_MS };
const NOTE = { kind: 'civitai-info', filename: 'x.json', text: '{}' };

beforeAll(() => {
  chmodSync(closed, 0o700);
  mkdirSync(folder);
  writeFileSync(given, 'the given file', { mode: 0o600 });
  writeFileSync(secret, 'the other file', { mode: 0o600 });
  writeSmallLora(lora, 'sd1');
});
afterAll(() => rmSync(closed, { recursive: true, force: true }));

let pool: ReadyProcesses;
afterEach(async () => {
  await pool.endWaiting();
  // Nothing is left of those that waited, nor of those that served.
  expect(readdirSync(folder)).toEqual([]);
});

/** What a hostile program answers that is given one file; a task of its own for each name. */
async function attempt(names: readonly (string | [name: string, path: string])[], more: Partial<typeof limits> = {}) {
  await using process = new FileProcess({ path: given }, { pool });
  const answers: unknown[] = [];
  for (const name of names) {
    const [what, path = secret] = typeof name === 'string' ? [name] : name;
    const task = { attempt: what, path, port: 1 } as never;
    answers.push(await process.run(task, { ...limits, onProgress: () => {}, ...more }));
  }
  return answers;
}

describe('a process that is started before its file is known', () => {
  const hostile = resolve('test/support/hostile-child.ts');
  const open = () => {
    pool = new ReadyProcesses({ folder, entry: hostile });
  };

  it('reads the one file that it is given, and gets at nothing else', async () => {
    open();
    const denied = ['read', 'write', 'link', 'spawn', 'worker', 'addon', 'connect', 'signal', 'flags', 'database'];
    const [link = ''] = [await linkOf()];
    const answers = await attempt([...denied, ['read', given], ['write', join(folder, 'x')]]);
    for (const [index, name] of denied.entries())
      expect([name, answers[index]]).toEqual([name, expect.stringMatching(DENIED)]);
    expect(answers.slice(denied.length)).toEqual([expect.stringMatching(DENIED), expect.stringMatching(DENIED)]);
    expect(link).toBe('the given file');
  });

  /** What it reads by the link, whose name it finds in its working directory. */
  async function linkOf(): Promise<unknown> {
    return (await attempt([['read', 'file']]))[0];
  }

  it('serves one file, with every task on it, and never another', async () => {
    open();
    const [first, second] = await attempt(['pid', 'pid']);
    expect(second).toBe(first);
    expect((await attempt(['pid']))[0]).not.toBe(first);
  });

  it.each([
    ['heap', 'out_of_memory', {}],
    ['buffers', 'out_of_memory', {}],
    ['hang', 'time_limit', { timeout: 1000 }],
    ['exit', 'crash', {}],
  ] as const)('that does %s ends in %s, and the next task gets another process', async (name, code, more) => {
    open();
    await using process = new FileProcess({ path: given }, { pool });
    const run = (what: string, changes = {}) =>
      process.run({ attempt: what, path: secret, port: 1 } as never, { ...limits, onProgress: () => {}, ...changes });
    const first = await run('pid');
    await expect(run(name, more)).rejects.toMatchObject({ name: 'SandboxError', code });
    expect(await run('pid')).not.toBe(first);
  });

  it.skipIf(process.platform === 'win32')('is held to its memory between two tasks as well', async () => {
    open();
    await using served = new FileProcess({ path: given }, { pool });
    const task = { attempt: 'grow-later', path: secret, port: 1 } as never;
    const pid = (await served.run(task, { ...limits, onProgress: () => {} })) as unknown as number;
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it.each(['later', 'notes', 'toString', '__proto__'])('gets %s once, and then is done', async (extra) => {
    open();
    await using process = new FileProcess({ path: given }, { pool });
    const task = { attempt: 'needs', path: extra, port: 1 } as never;
    await expect(process.run(task, { ...limits, onProgress: () => {} })).rejects.toMatchObject({ code: 'crash' });
  });

  it('that was ended while it waited is not handed out', async () => {
    open();
    await attempt(['pid']);
    const waiting = await pool.take();
    await waiting.process.stop();
    await waiting.end();
    expect(await attempt(['pid'])).toEqual([expect.any(Number)]);
  });

  it('is given no link in place of a file', async () => {
    open();
    const link = join(closed, 'link');
    symlinkSync(secret, link);
    await using served = new FileProcess({ path: link }, { pool });
    await expect(served.run({ attempt: 'pid' } as never, { ...limits, onProgress: () => {} })).rejects.toThrow(
      /in place of the file/,
    );
  });
});

describe('the program of the stages', () => {
  const scan = { stage: 'scan', path: lora, name: 'lora.safetensors' } as const;
  const identify = { stage: 'identify', path: lora, name: 'lora.safetensors', sha256: '0'.repeat(64), notes: [NOTE] };
  const more = { ...limits, onProgress: () => {} };

  const snapshot = join(closed, 'snapshots', basename(snapshotFile('stage')));
  beforeAll(async () => {
    await writeSnapshots(closed, bundleForSnapshot);
  });

  it.each([
    ['as it is', {}],
    ['from its snapshot', { snapshot }],
    // It fails where something is loaded after it has become another user.
    ['having loaded all', { entry: resolve('test/support/watched-stage.ts') }],
  ])('scans and identifies one file, %s', async (_, program) => {
    pool = new ReadyProcesses({ folder, ...program });
    await using process = new FileProcess({ path: lora }, { pool });
    expect(await process.run(scan, more)).toMatchObject({ verdict: 'clean', container: 'safetensors' });
    expect(await process.run(identify as never, more)).toMatchObject({ identity: { type: 'lora', base: 'sd1' } });
  });

  it.each([
    ['as it is', {}],
    ['from its snapshot', { snapshot }],
    ['having loaded all', { entry: resolve('test/support/watched-stage.ts') }],
  ])('scans what it has to load more for, %s', async (_, program) => {
    pool = new ReadyProcesses({ folder, ...program });
    const config = Buffer.from('a: !!python/object/apply:os.getcwd []\n');
    const files = {
      'packed.7z': packWithSevenZip('7z', latin1(EVIL2)),
      'model.ckpt': makeZip([
        { name: 'archive/data.pkl', bytes: makeStateDict([]) },
        { name: 'archive/config.yaml', bytes: config },
      ]),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(closed, name);
      writeFileSync(path, bytes, { mode: 0o600 });
      await using process = new FileProcess({ path }, { pool });
      expect(await process.run({ stage: 'scan', path, name }, more)).toMatchObject({ verdict: 'dangerous' });
    }
  });

  it('is not started from a snapshot that cannot be read', async () => {
    const broken = join(closed, 'broken.blob');
    writeFileSync(broken, readFileSync(snapshot).subarray(0, 100_000));
    expect([await tryOut(snapshot), await tryOut(broken), await tryOut(join(closed, 'none'))]).toEqual([
      snapshot,
      null,
      null,
    ]);
  });

  it.each([{}, { snapshot }])('says in words what is wrong with a file (%o)', async (program) => {
    pool = new ReadyProcesses({ folder, ...program });
    await using process = new FileProcess({ path: given }, { pool });
    await expect(process.run({ ...identify, path: given, notes: [] } as never, more)).rejects.toMatchObject({
      code: 'refused',
    });
  });

  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux').each([{}, { snapshot }])(
    'becomes nobody under root (%o)',
    async (program) => {
      const { user } = await findSandboxUser();
      pool = new ReadyProcesses({ folder, ...program });
      using users = watchStageUsers();
      await using process = new FileProcess({ path: lora }, { pool });
      await process.run(scan, more);
      const four = (id: number | undefined) => Array(4).fill(id).join('\t');
      await expect.poll(() => [...users.seen.values()]).toContain(`${four(user?.uid)} / ${four(user?.gid)} / `);
    },
  );
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
