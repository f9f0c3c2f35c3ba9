import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';
import { BIN } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse here '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const program = join(import.meta.dirname, '..', '..', 'support', 'watched-work.ts');
const flags = ['--permission', '--allow-fs-read=*', '--allow-worker'];

describe('work that is watched from within its process', () => {
  const work = (...args: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [...flags, program, ...args], { encoding: 'utf8', stdio: 'pipe' }));

  it.each([
    ['ends', { result: 'done' }],
    ['throws', { threw: 'TypeError: its own error' }],
    ['thread', { threw: 'ERR_ACCESS_DENIED' }],
    ['writes', { threw: 'ERR_ACCESS_DENIED' }],
  ])('%s', (what, end) => {
    expect(work(what)).toEqual(end);
  });

  it('is stopped when its time is over', () => {
    expect(work('hangs', '300')).toEqual({ cut: 'time' });
  });

  it.skipIf(process.platform !== 'linux').each(['values', 'buffers'])(
    'is stopped when its memory is full of %s',
    (what) => {
      expect(work(what)).toEqual({ cut: 'memory' });
    },
  );

  it.skipIf(process.platform === 'win32')('ends by Ctrl-C', async () => {
    const child = spawn(process.execPath, [...flags, program, 'waits for a signal'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.once('data', () => child.kill('SIGINT'));
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  });
});

describe.skipIf(process.platform === 'win32')('weighhouse scan of one file', () => {
  const file = join(folder, 'evil.ckpt');
  writeFileSync(file, latin1(EVIL2));
  /** Says at the end of each process what it may do: the last line is that of the one that scanned. */
  const tell = `process.on('exit', () => {
    const has = (right) => process.permission === undefined || process.permission.has(right);
    const may = (act) => { try { return act() !== false; } catch { return false; } };
    const others = [() => process.kill(process.ppid, 0), () => process.getBuiltinModule('os').setPriority(process.ppid, 0)];
    const rights = ['fs.read', 'fs.write', 'child', 'worker', 'net', 'addon'].map(has);
    process.stderr.write(JSON.stringify([process.pid, ...rights, ...others.map(may)]) + '\\n');
  });`;
  const scan = (...args: string[]) => {
    const { status, stdout, stderr, pid } = spawnSync(process.execPath, [BIN, 'scan', ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` },
    });
    return {
      status,
      stdout,
      pid,
      processes: stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown[]),
    };
  };

  it('is one process, which may read files and no more, and leaves others alone', () => {
    const { status, stdout, pid, processes } = scan(file, '--format', 'json');
    expect(processes).toEqual([[pid, true, false, false, false, false, false, false, false]]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).files).toMatchObject([{ path: file, verdict: 'dangerous' }]);
  });

  it('says what it says of several', () => {
    const other = join(folder, 'other.ckpt');
    writeFileSync(other, latin1('\x80\x02}.'));
    const alone = scan(file, '--explain').stdout;
    const both = scan(file, other, '--explain').stdout;
    expect(both.startsWith(alone.trimEnd())).toBe(true);
    expect(scan(file, '--sarif-file', join(folder, 'report.sarif')).status).toBe(1);
  });
});
