import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type PoolOptions, scanInPool } from '#lib/cli/scan/pool.ts';
import { exitCode, type ReportedFile } from '#scanner/index.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse pool '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const failing = join(import.meta.dirname, '..', '..', 'support', 'failing-worker.ts');

async function scanNamed(names: readonly string[], options: PoolOptions): Promise<ReportedFile[]> {
  const files = names.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, latin1(name.startsWith('evil') ? EVIL2 : '\x80\x02}.'));
    return { path, problem: null };
  });
  return Array.fromAsync(scanInPool(files, options));
}
const said = (files: readonly ReportedFile[]) =>
  files.map(({ path, report }) => [path.slice(folder.length + 1), report.verdict, report.findings[0]?.rule]);

describe('many files', () => {
  it.each([1, 3])('with %i workers are told of in the order that they were named', async (jobs) => {
    const names = Array.from({ length: 12 }, (_, index) => `${index % 4 === 1 ? 'evil' : 'good'}${index}.ckpt`);
    const done: string[] = [];
    const files = await scanNamed(names, { jobs, onDone: ({ path }) => done.push(path) });
    expect(said(files)).toEqual(
      names.map((name) =>
        name.startsWith('evil') ? [name, 'dangerous', 'pickle/global-dangerous'] : [name, 'clean', undefined],
      ),
    );
    expect(done.toSorted()).toEqual(files.map(({ path }) => path).toSorted());
  });

  it('are none where there are none', async () => {
    expect(await scanNamed([], { jobs: 4 })).toEqual([]);
  });
});

it.skipIf(process.platform === 'win32')('leaves no worker behind when it is left early', async () => {
  const names = ['good1.pt', 'hang2.pt', 'hang3.pt'];
  const files = names.map((name) => ({ path: join(folder, name), problem: null }));
  for (const { path } of files) writeFileSync(path, latin1('\x80\x02}.'));
  const workers = () =>
    execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => Number.parseInt(line, 10) === process.pid && line.includes('failing-worker'));
  for await (const file of scanInPool(files, { jobs: 2, entry: failing })) {
    expect(said([file])).toEqual([['good1.pt', 'clean', undefined]]);
    expect(workers()).not.toEqual([]);
    break;
  }
  await expect.poll(workers).toEqual([]);
  // One that began a file anew would be there by now.
  // biome-ignore lint/plugin: that none comes shows over some time alone, and fails no sooner on a slow machine
  await new Promise((next) => setTimeout(next, 500));
  expect(workers()).toEqual([]);
});

describe('a worker that fails costs its file a finding, and no other file anything', () => {
  it.each([
    ['crash', {}, /exit code 7/],
    ['heap', { memory: 300 * 1024 * 1024 }, /300 MiB of memory|heap of the scanner|exited with/],
    ['buffers', { memory: 300 * 1024 * 1024 }, /300 MiB of memory/],
  ])('%s', async (kind, limits, reason) => {
    // There only the heap is watched.
    if (kind === 'buffers' && process.platform === 'win32') return;
    const files = await scanNamed(['good1.pt', `${kind}.pt`, 'evil2.pt', 'good3.pt'], {
      jobs: 1,
      entry: failing,
      ...limits,
    });
    expect(said(files)).toEqual([
      ['good1.pt', 'clean', undefined],
      [`${kind}.pt`, 'incomplete', 'scan/stopped'],
      ['evil2.pt', 'dangerous', 'pickle/global-dangerous'],
      ['good3.pt', 'clean', undefined],
    ]);
    expect(files[1]?.report.findings[0]?.message).toMatch(reason);
    expect(files[1]?.report.size).toBe(4);
    expect(exitCode(files.map(({ report }) => report.verdict).filter((verdict) => verdict !== 'dangerous'))).toBe(2);
  });

  it('hang', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const done: string[] = [];
      const scanning = scanNamed(['good1.pt', 'hang.pt', 'evil2.pt', 'good3.pt'], {
        jobs: 1,
        entry: failing,
        onDone: ({ path }) => done.push(path),
      });
      // The limit of the next one has begun.
      await expect.poll(() => done.length === 1 && vi.getTimerCount() === 1).toBe(true);
      vi.advanceTimersByTime(150_000);
      const files = await scanning;
      expect(said(files)).toEqual([
        ['good1.pt', 'clean', undefined],
        ['hang.pt', 'incomplete', 'scan/stopped'],
        ['evil2.pt', 'dangerous', 'pickle/global-dangerous'],
        ['good3.pt', 'clean', undefined],
      ]);
      expect(files[1]?.report.findings[0]?.message).toContain('longer than 150 seconds');
    } finally {
      vi.useRealTimers();
    }
  });

  it('also when it ends after its file', async () => {
    const files = await scanNamed(['last1.pt', 'last2.pt', 'evil3.pt'], { jobs: 1, entry: failing });
    expect(said(files).map(([, verdict]) => verdict)).toEqual(['clean', 'clean', 'dangerous']);
  });

  it('also when it cannot even start', async () => {
    const files = await scanNamed(['a.pt', 'b.pt'], { jobs: 2, entry: join(folder, 'no such program.ts') });
    expect(said(files).map(([, , rule]) => rule)).toEqual(['scan/stopped', 'scan/stopped']);
  });
});
