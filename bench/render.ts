// `npm run bench:render`: pictures with full-size SD 1.5 and SDXL checkpoints of random weights, on every provider that
// this machine has, beside diffusers on the processor where a Python with it is found (WEIGHHOUSE_PEERS, or python3).
// Needs 9 GB in BENCH_FOLDER. `--base sd1` takes one of them, `--record` appends the figures to RESULTS.md.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSafeCheckpoint } from '#lib/demo/index.ts';
import { openRenderer, type Provider, RenderError, type RenderReport, type TileRequest } from '#lib/render/index.ts';

const GIB = 1024 ** 3;
/** What the engine has to stay below at 512 × 512 (SD 1.x). */
const MEMORY = 5e9;
const PEER = join(import.meta.dirname, 'render', 'peer.py');
const python = process.env.WEIGHHOUSE_PEERS ?? 'python3';

interface Case {
  base: 'sd1' | 'sdxl';
  side: number;
  /** Of the steps the first is left out of the mean: it also fills memory. */
  steps: number;
  memoryLimit: number | null;
}

const ON_PROCESSOR: readonly Case[] = [
  { base: 'sd1', side: 256, steps: 4, memoryLimit: null },
  { base: 'sd1', side: 512, steps: 4, memoryLimit: MEMORY },
  { base: 'sdxl', side: 512, steps: 3, memoryLimit: null },
];
const ON_GPU: readonly Case[] = [
  { base: 'sd1', side: 512, steps: 20, memoryLimit: null },
  { base: 'sdxl', side: 1024, steps: 20, memoryLimit: null },
];

interface Peer {
  seconds: number[];
  peak: number;
}

const { values } = parseArgs({ options: { base: { type: 'string' }, record: { type: 'boolean', default: false } } });
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-render-'));
const rows: string[] = [];

function ask<T>(...args: readonly (string | number)[]): T | null {
  const { status, stdout } = spawnSync(python, [PEER, ...args.map(String)], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as T) : null;
}

function tileOf({ side, steps }: Case): TileRequest {
  return {
    prompt: 'a lighthouse on a cliff at dusk',
    negativePrompt: 'text',
    seed: 1,
    steps,
    sampler: 'Euler',
    cfgScale: 7,
    width: side,
    height: side,
    clipSkip: 1,
    loraWeights: [],
  };
}

async function draw(
  provider: Provider,
  one: Case,
  checkpoint: string,
): Promise<RenderReport & { total: number; step: number }> {
  const renderer = openRenderer({ provider, memoryLimit: one.memoryLimit });
  const at: number[] = [];
  try {
    const start = performance.now();
    const report = await renderer.render(
      { checkpoint: { path: checkpoint, name: one.base }, loras: [], embeddings: [], tiles: [tileOf(one)] },
      { onEvent: (event) => event.kind === 'step' && at.push(performance.now()) },
    );
    const total = (performance.now() - start) / 1000;
    const later = at.slice(1).map((time, index) => (time - (at[index] ?? time)) / 1000);
    return { ...report, total, step: mean(later) };
  } finally {
    await renderer.close();
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}

function row(what: string, cells: readonly (number | string)[]): void {
  const line = `| ${what} | ${cells.map((cell) => (typeof cell === 'number' ? cell.toPrecision(3) : cell)).join(' | ')} |`;
  rows.push(line);
  console.log(line);
}

try {
  const versions = ask<Record<string, string>>('list') ?? {};
  const hasPeer = 'torch' in versions;
  if (!hasPeer)
    console.log(`Nothing stands beside: ${python} has no torch with diffusers (WEIGHHOUSE_PEERS names another).`);
  const probe = openRenderer();
  const providers = (await probe.probe()).filter(({ reason }) => reason === null).map(({ provider }) => provider);
  await probe.close();

  for (const base of ['sd1', 'sdxl'] as const) {
    if (values.base !== undefined && values.base !== base) continue;
    const checkpoint = join(folder, `${base}.safetensors`);
    writeSafeCheckpoint(checkpoint, base, { size: 'full' });
    for (const provider of providers) {
      for (const one of provider === 'cpu' ? ON_PROCESSOR : ON_GPU) {
        if (one.base !== base) continue;
        const limit = one.memoryLimit === null ? '' : `, at most ${one.memoryLimit / 1e9} GB`;
        try {
          const { step, loadSeconds, total, peakMemory, precision, device } = await draw(provider, one, checkpoint);
          const peer =
            hasPeer && provider === 'cpu' ? ask<Peer>('unet', base, one.side / 8, 2, one.steps, 'float32') : null;
          const peerStep = peer === null ? null : mean(peer.seconds.slice(1));
          row(`${base} ${one.side}², ${one.steps} steps${limit}`, [
            `${provider} (${device}), ${precision}`,
            loadSeconds,
            step,
            total,
            peakMemory / GIB,
            peerStep ?? '–',
            peer === null ? '–' : peer.peak / GIB,
            peerStep === null ? '–' : peerStep / step,
          ]);
        } catch (error) {
          if (!(error instanceof RenderError)) throw error;
          row(`${base} ${one.side}²${limit}`, [provider, error.message, '', '', '', '', '', '']);
        }
      }
    }
    rmSync(checkpoint);
  }
  const lines = [
    '',
    `## Pictures, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `Random weights stored in half precision; prompt and negative prompt in one batch. ${cpus().length} cores (${cpus()[0]?.model.trim()}),`,
    `load ${loadavg()[0]?.toFixed(1)} when it ended. Beside: ${hasPeer ? `diffusers ${versions.diffusers} on torch ${versions.torch}, fp32, ${versions.threads} threads` : 'nothing'}.`,
    '',
    '| picture | on | load, s | a step, s | all, s | peak GiB | diffusers: a step, s | peak GiB | times as fast |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ];
  if (values.record) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), lines.join('\n'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
