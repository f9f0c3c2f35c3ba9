// `npm run fuzz`: looks for bytes that make a reader of the scanner fail, guided by coverage.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { MAX_INPUT } from './mutate.ts';
import { faultOf, TARGET_NAMES } from './run.ts';
import { CRASHERS } from './seeds.ts';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

const USAGE = `Usage: npm run fuzz -- [--minutes N] [--seed N] [--target NAME]...
10 minutes, a seed of the clock and all targets unless given. Targets: ${TARGET_NAMES.join(', ')}.`;
/** An input that takes this long never ends: a scan's own limit is a sixth of it. */
const HANG_MS = 60_000;
const HEAP_MB = 512;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    target: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
const targets = values.target ?? TARGET_NAMES;
const isUsable = minutes > 0 && Number.isInteger(firstSeed) && targets.every((name) => TARGET_NAMES.includes(name));
if (values.help || !isUsable) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 64);
}

const until = Date.now() + minutes * 60_000;
const found = new Map<string, string>();
const byTarget = new Map<string, number>();
let failed = 0;
let compared = 0;
let reached = 0;

function keep(bytes: Uint8Array, target: string, error: string): void {
  const fault = faultOf(target, error);
  if (found.has(fault)) return;
  const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`;
  found.set(fault, name);
  mkdirSync(CRASHERS, { recursive: true });
  writeFileSync(join(CRASHERS, name), bytes);
  console.error(`\n${target} failed; the input is kept as ${name}\n${error}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** One thread until the time is up, or until an input ends it. */
function runThread(seed: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const current = new SharedArrayBuffer(8 + MAX_INPUT * 2);
  const head = new Int32Array(current, 0, 2);
  const input = () => Uint8Array.from(new Uint8Array(current, 8, head[0]));
  const task: WorkerTask = { seed, targets, until, current };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let last: Extract<WorkerAnswer, { kind: 'counts' }> | null = null;
  let attempts = 0;
  const watch = setInterval(() => {
    if (head[1] === attempts && attempts > 0) {
      keep(input(), 'hang', 'It did not end.');
      void worker.terminate();
    }
    attempts = head[1] ?? 0;
  }, HANG_MS);
  worker.on('message', (answer: WorkerAnswer) => {
    if (answer.kind === 'fault') {
      keep(answer.bytes, answer.target, answer.error);
      return;
    }
    last = answer;
    const { inputs, corpus } = answer.counts;
    console.log(
      `${inputs} inputs, ${corpus} kept, ${percent(answer.share)} of the scanner reached, ${found.size} faults`,
    );
  });
  worker.on('error', (error) => keep(input(), 'thread', String(error)));
  worker.on('exit', () => {
    clearInterval(watch);
    if (last !== null) {
      for (const [name, count] of Object.entries(last.counts.byTarget))
        byTarget.set(name, (byTarget.get(name) ?? 0) + count);
      failed += last.counts.failed;
      compared += last.compared;
      reached = Math.max(reached, last.share);
    }
    resolve();
  });
  return promise;
}

console.log(`Seed ${firstSeed}, ${minutes} minutes.`);
for (let seed = firstSeed; Date.now() < until; seed += 1) await runThread(seed);
const inputs = [...byTarget.values()].reduce((sum, count) => sum + count, 0);
console.log([...byTarget].map(([name, count]) => `${name}: ${count}`).join(', '));
console.log(`${compared} clean files compared with Python; ${percent(reached)} of the scanner's functions reached.`);
console.log(`${inputs} inputs tried, ${failed} failed with ${found.size} faults.`);
process.exitCode = found.size === 0 ? 0 : 1;
