/** Tries inputs in a process of its own: one that hangs, crashes or exhausts the memory ends it, and its input is known. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Coverage } from './coverage.ts';
import { CurrentInput } from './current-input.ts';
import { PythonCheck } from './python-check.ts';
import { makeRandom } from './random.ts';
import { type FuzzCounts, fuzz } from './run.ts';
import { seedInputs } from './seeds.ts';

export interface WorkerTask {
  seed: number;
  targets: readonly string[];
  /** Milliseconds since the epoch. */
  until: number;
  /** File that holds the input that is being tried. */
  current: string;
}

export type WorkerAnswer =
  /** `compared` with Python; `share` of the scanner's functions that have run, 0 to 1. */
  | { kind: 'counts'; counts: FuzzCounts; compared: number; share: number }
  | { kind: 'fault'; bytes: Uint8Array; target: string; error: string };

const { seed, targets, until, current } = JSON.parse(process.argv[2] ?? '') as WorkerTask;
const input = new CurrentInput(current);
const tell = (answer: WorkerAnswer) => process.send?.(answer);
const REPORT_MS = 5000;
/** A third of what is called clean is shown to Python as well. */
const SHOWN = 0.3;

const random = makeRandom(seed);
const chance = makeRandom(seed + 1);
const other = new PythonCheck((bytes, what) =>
  tell({ kind: 'fault', bytes, target: 'python', error: `A clean file runs ${what}.` }),
);
const coverage = new Coverage((url) => url.includes('/scanner/'));
const runs = fuzz({
  seeds: seedInputs(),
  random,
  targets,
  coverage,
  onInput: (bytes) => input.set(bytes),
  onFault: (bytes, target, error) =>
    tell({ kind: 'fault', bytes, target, error: String(error instanceof Error ? error.stack : error) }),
  onVerdict: (bytes, verdict) => {
    if (verdict === 'clean' && chance.chance(SHOWN)) other.add(bytes);
  },
});
let told = 0;
for (const counts of runs) {
  const now = Date.now();
  if (now - told > REPORT_MS || now > until) {
    tell({ kind: 'counts', counts: structuredClone(counts), compared: other.compared, share: coverage.share });
    told = now;
  }
  if (now > until) break;
  // What 7-Zip leaves behind is let go of in a turn of the event loop, and messages are sent in one.
  await nextTurn();
}
input.close();
process.disconnect?.();
