// `npm run bench:merge`: `weighhouse merge` of two SD 1.x checkpoints of 2 GB each beside `cp` of one of them. Needs 7 GB in
// BENCH_FOLDER. `--record` appends the figures to RESULTS.md.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafeCheckpoint } from '../lib/demo/index.ts';
import { PeakMemory } from './peak-memory.ts';

const MIB = 1024 * 1024;
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-merge-'));
const at = (name: string) => join(folder, name);

/** One process from start to end: its seconds, and its peak of resident memory in bytes. */
async function run(what: string, command: string, args: readonly string[]): Promise<{ seconds: number; peak: number }> {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const memory = new PeakMemory(child.pid ?? 0, [[what, '']]);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - began) / 1000;
  const peak = memory.stop().get(what) ?? 0;
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(peak / MIB)} MiB`);
  return { seconds, peak };
}

try {
  for (const [seed, name] of ['a.safetensors', 'b.safetensors'].entries()) {
    writeSafeCheckpoint(at(name), 'sd1', { size: 'full', seed });
  }
  const size = statSync(at('a.safetensors')).size;
  const copy = await run('cp', 'cp', [at('a.safetensors'), at('copy.safetensors')]);
  const models = [at('a.safetensors'), at('b.safetensors')];
  const args = ['merge', ...models, '--weight', '0.3', '--out', at('mix.safetensors')];
  const merge = await run('merge', process.execPath, [join(root, 'lib', 'cli', 'main.ts'), ...args]);
  const lines = [
    '',
    `## Merge, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `Two SD 1.x checkpoints of ${(size / 1e9).toFixed(2)} GB in f16, weighted sum; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)} when it ended.`,
    'Scan of both, their SHA-256, the merge and the scan of the result are in it.',
    '',
    '| what | seconds | beside cp | peak memory |',
    '| --- | --- | --- | --- |',
    `| cp of one | ${copy.seconds.toFixed(1)} | 1 | |`,
    `| weighhouse merge | ${merge.seconds.toFixed(1)} | ${(merge.seconds / copy.seconds).toFixed(1)} | ${Math.round(merge.peak / MIB)} MiB |`,
    '',
  ];
  console.log(lines.join('\n'));
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), lines.join('\n'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
