import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { PeakMemory } from '#bench/peak-memory.ts';
import { BOMBS, writeBomb } from '../../fixtures/bombs.ts';

const MIB = 1024 * 1024;
const MAIN = join(import.meta.dirname, '..', '..', '..', 'lib', 'cli', 'main.ts');
/** One of each sort that takes much; `npm run bench:memory` measures all there are. */
const WORST = [
  ...['remembered values', 'tensors', 'long numbers', 'packed pickles', 'gzip in gzip', 'xz of a pickle'],
  'a header of 99 MB of tensors',
];

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Scans with one worker; gives the files of the report, and the most MiB that the worker took. */
async function scan(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'scan', '--jobs', '1', '--format', 'json', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const memory = new PeakMemory(child.pid ?? 0, [['worker', 'scan/worker.ts']]);
  const { files } = JSON.parse(await text(child.stdout)) as {
    files: { verdict: string; tensors: number; findings: { rule: string }[] }[];
  };
  return { files, peak: (memory.stop().get('worker') ?? 0) / MIB };
}

it.skipIf(process.platform !== 'linux')(
  'files made to wear a reader out, one after the other, never take 256 MiB, and none is called clean',
  async () => {
    const chosen = BOMBS.filter(({ id }) => WORST.includes(id));
    expect(chosen).toHaveLength(WORST.length);
    for (const bomb of chosen) writeBomb(join(folder, `${bomb.id}.ckpt`), bomb);
    const { files, peak } = await scan(folder);
    expect(files).toHaveLength(WORST.length);
    for (const { verdict, findings } of files) {
      expect(['incomplete', 'malformed', 'dangerous']).toContain(verdict);
      expect(findings.map(({ rule }) => rule)).not.toContain('scan/stopped');
    }
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(256);
  },
);

it.skipIf(process.platform !== 'linux')(
  'a checkpoint of 50,000 tensors, each in a part of its own, is read to its end',
  // When V8 cleans up is its own choice, and now and then it waits longer than it must: one of three runs has to do.
  { retry: 2 },
  async () => {
    const bomb = BOMBS.find(({ id }) => id === 'a checkpoint of 50,000 tensors');
    if (bomb === undefined) throw new Error('It has another name now.');
    const path = join(folder, 'large.zip');
    writeBomb(path, bomb);
    const { files, peak } = await scan(path);
    expect(files).toMatchObject([{ verdict: 'clean', tensors: 50_000 }]);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(256);
  },
);
