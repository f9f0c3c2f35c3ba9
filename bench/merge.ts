// `npm run bench:merge`: `weighhouse merge` of two SD 1.x checkpoints of 2 GB each, and of a LoRA into an SD 1.x and an SDXL
// checkpoint, each beside `cp` of the checkpoint. Needs 21 GB in BENCH_FOLDER. `--record` appends the figures to RESULTS.md.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLora, writeSafeCheckpoint } from '#lib/demo/index.ts';
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

const MAIN = join(root, 'lib', 'cli', 'main.ts');
const rows: string[] = [];

/** `cp` of the first model, the merge, and a line of the table. */
async function measure(what: string, models: readonly string[], args: readonly string[]): Promise<void> {
  const [first = ''] = models;
  const gigabytes = (statSync(first).size / 1e9).toFixed(2);
  const copy = await run(`cp of ${gigabytes} GB`, 'cp', [first, at('copy.safetensors')]);
  rmSync(at('copy.safetensors'));
  const merge = await run(what, process.execPath, [MAIN, 'merge', ...models, ...args, '--out', at('mix.safetensors')]);
  rmSync(at('mix.safetensors'));
  const ratio = (merge.seconds / copy.seconds).toFixed(1);
  const peak = Math.round(merge.peak / MIB);
  const [cp, seconds] = [copy.seconds.toFixed(1), merge.seconds.toFixed(1)];
  rows.push(`| ${what} | ${gigabytes} | ${cp} | ${seconds} | ${ratio} | ${peak} MiB |`);
}

try {
  for (const [seed, name] of ['a.safetensors', 'b.safetensors'].entries()) {
    writeSafeCheckpoint(at(name), 'sd1', { size: 'full', seed });
  }
  for (const base of ['sd1', 'sdxl'] as const) {
    writeLora(at(`${base}-lora.safetensors`), `lora-${base}`, 'Style', { size: 'full' });
  }
  await measure('weighted sum, SD 1.x', [at('a.safetensors'), at('b.safetensors')], ['--weight', '0.3']);
  rmSync(at('b.safetensors'));
  await measure('LoRA baked in, SD 1.x', [at('a.safetensors')], ['--lora', at('sd1-lora.safetensors')]);
  rmSync(at('a.safetensors'));
  writeSafeCheckpoint(at('large.safetensors'), 'sdxl', { size: 'full' });
  await measure('LoRA baked in, SDXL', [at('large.safetensors')], ['--lora', at('sdxl-lora.safetensors')]);
  const lines = [
    '',
    `## Merge, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `In f16; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)} when it ended. Scan of all models, their SHA-256, the merge, its`,
    'reading back and the scan of the result are in it.',
    '',
    '| what | GB | cp, s | merge, s | beside cp | peak memory |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ];
  console.log(lines.join('\n'));
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), lines.join('\n'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
