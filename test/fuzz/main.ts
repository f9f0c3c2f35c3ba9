// `npm run fuzz`: looks for bytes that make a reader of the scanner fail, guided by coverage.
import { fork, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCurrentInput } from './current-input.ts';
import { runLoaders } from './loaders/main.ts';
import { faultOf, TARGET_NAMES } from './run.ts';
import { CRASHERS } from './seeds.ts';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

const USAGE = `Usage: npm run fuzz -- [--minutes N] [--seed N] [--target NAME]...
       npm run fuzz -- --target loaders [--minutes N] [--inputs N] [--seed N] [--python PATH]...
10 minutes, a seed of the clock and all targets but loaders unless given. Targets: ${TARGET_NAMES.join(', ')}, loaders.
loaders shows clean files to the torch, NumPy and joblib of each Python, WEIGHHOUSE_PYTHON or python3 unless given.`;
const LOADERS = 'loaders';
/** An input that takes this long never ends: a scan's own limit is a sixth of it. */
const HANG_MS = 60_000;
const HEAP_MB = 512;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    target: { type: 'string', multiple: true },
    inputs: { type: 'string', default: 'Infinity' },
    python: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
const targets = values.target ?? TARGET_NAMES;
const isOfLoaders = targets.length === 1 && targets[0] === LOADERS;
const isUsable =
  minutes > 0 &&
  Number.isInteger(firstSeed) &&
  Number(values.inputs) > 0 &&
  (isOfLoaders || targets.every((name) => TARGET_NAMES.includes(name)));
if (values.help || !isUsable) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 64);
}
if (isOfLoaders) {
  const pythons = values.python ?? [process.env.WEIGHHOUSE_PYTHON ?? 'python3'];
  const faults = await runLoaders({ minutes, inputs: Number(values.inputs), seed: firstSeed, pythons });
  process.exit(faults === 0 ? 0 : 1);
}

const until = Date.now() + minutes * 60_000;
const found = new Map<string, string>();
const byTarget = new Map<string, number>();
let failed = 0;
let compared = 0;
let reached = 0;
/** Ends of processes that were not for their input. */
let engineEnds = 0;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-fuzz-'));
const WORKER = join(import.meta.dirname, 'worker.ts');
const REPLAY = join(import.meta.dirname, 'replay.ts');

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

/** One process until the time is up, or until an input, or the engine itself, ends it. */
function runWorker(seed: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const current = join(folder, String(seed));
  const task: WorkerTask = { seed, targets, until, current };
  const worker = fork(WORKER, [JSON.stringify(task)], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced',
  });
  let last: Extract<WorkerAnswer, { kind: 'counts' }> | null = null;
  let attempts = 0;
  let isHanging = false;
  const watch = setInterval(() => {
    const now = readCurrentInput(current);
    if (now !== null && now.attempt === attempts) {
      keep(now.bytes, 'hang', 'It did not end.');
      isHanging = true;
      worker.kill('SIGKILL');
    }
    attempts = now?.attempt ?? 0;
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
  worker.on('exit', (code, signal) => {
    clearInterval(watch);
    if (last !== null) {
      for (const [name, count] of Object.entries(last.counts.byTarget))
        byTarget.set(name, (byTarget.get(name) ?? 0) + count);
      failed += last.counts.failed;
      compared += last.compared;
      reached = Math.max(reached, last.share);
    }
    if (code !== 0 && !isHanging) judgeEnd(current, `The process ended with ${signal ?? `exit code ${code}`}.`);
    resolve();
  });
  return promise;
}

/** Tries the input under which a process ended in another one, where nothing is measured: whether it is at fault, or V8's coverage. */
function judgeEnd(current: string, error: string): void {
  const input = readCurrentInput(current);
  if (input === null) throw new Error(`${error} It tried nothing.`);
  const { status } = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, REPLAY, current], {
    stdio: 'inherit',
    timeout: HANG_MS,
  });
  if (status !== 0) keep(input.bytes, 'crash', error);
  else {
    engineEnds += 1;
    console.error(`\n${error} Its input does no harm where coverage is not measured; going on with the next seed.`);
  }
}

console.log(`Seed ${firstSeed}, ${minutes} minutes.`);
for (let seed = firstSeed; Date.now() < until; seed += 1) await runWorker(seed);
const inputs = [...byTarget.values()].reduce((sum, count) => sum + count, 0);
console.log([...byTarget].map(([name, count]) => `${name}: ${count}`).join(', '));
console.log(`${compared} clean files compared with Python; ${percent(reached)} of the scanner's functions reached.`);
if (engineEnds > 0) console.log(`${engineEnds} times V8 ended while its coverage was read.`);
console.log(`${inputs} inputs tried, ${failed} failed with ${found.size} faults.`);
process.exitCode = found.size === 0 ? 0 : 1;
rmSync(folder, { recursive: true, force: true });
