// `npm run fuzz -- [--minutes N] [--seed N]`: looks for bytes that make a reader of the scanner fail, guided by coverage.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { MAX_INPUT } from './mutate.ts';
import type { FuzzCounts } from './run.ts';
import { CRASHERS } from './seeds.ts';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

const USAGE = 'Usage: npm run fuzz -- [--minutes N] [--seed N]   (10 minutes and a seed of the clock unless given)';
/** An input that takes this long never ends: a scan's own limit is a sixth of it. */
const HANG_MS = 60_000;
const HEAP_MB = 512;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
if (values.help || !(minutes > 0) || !Number.isInteger(firstSeed)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 64);
}

const until = Date.now() + minutes * 60_000;
const found = new Map<string, string>();
const total: FuzzCounts = { inputs: 0, corpus: 0, crashes: 0, covered: 0 };

function keep(bytes: Uint8Array, target: string, error: string): void {
  total.crashes += 1;
  // One fault shows in many inputs: where it was thrown tells them apart.
  const fault = `${target} ${error.split('\n').slice(0, 2).join(' ').replaceAll(/\d+/g, '')}`;
  if (found.has(fault)) return;
  const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`;
  found.set(fault, name);
  mkdirSync(CRASHERS, { recursive: true });
  writeFileSync(join(CRASHERS, name), bytes);
  console.error(`\n${target} failed; the input is kept as ${name}\n${error}`);
}

/** One thread until the time is up, or until an input ends it. */
function runThread(seed: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const current = new SharedArrayBuffer(8 + MAX_INPUT * 2);
  const head = new Int32Array(current, 0, 2);
  const input = () => Uint8Array.from(new Uint8Array(current, 8, head[0]));
  const task: WorkerTask = { seed, until, current };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let last: FuzzCounts = { inputs: 0, corpus: 0, crashes: 0, covered: 0 };
  let attempts = 0;
  const watch = setInterval(() => {
    if (head[1] === attempts && attempts > 0) {
      keep(input(), 'hang', 'It did not end.');
      void worker.terminate();
    }
    attempts = head[1] ?? 0;
  }, HANG_MS);
  worker.on('message', (answer: WorkerAnswer) => {
    if (answer.kind === 'crash') keep(answer.bytes, answer.target, answer.error);
    else {
      last = answer.counts;
      console.log(
        `${total.inputs + last.inputs} inputs, ${last.corpus} kept, ${last.covered} characters of source reached, ${found.size} faults`,
      );
    }
  });
  worker.on('error', (error) => keep(input(), 'thread', String(error)));
  worker.on('exit', () => {
    clearInterval(watch);
    total.inputs += last.inputs;
    resolve();
  });
  return promise;
}

console.log(`Seed ${firstSeed}, ${minutes} minutes.`);
for (let seed = firstSeed; Date.now() < until; seed += 1) await runThread(seed);
console.log(`${total.inputs} inputs tried, ${total.crashes} failed with ${found.size} faults.`);
process.exitCode = found.size === 0 ? 0 : 1;
