import type { Verdict } from '#scanner/index.ts';
import type { Coverage } from './coverage.ts';
import { minimise } from './minimise.ts';
import { MAX_INPUT, mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { makeCallingFile, makeCallingPickle } from './reachable.ts';
import { checkCalling, MILLISECONDS, TARGETS } from './targets.ts';

export interface FuzzOptions {
  seeds: readonly Uint8Array[];
  random: Random;
  /** Of `TARGET_NAMES`; all of them unless given. */
  targets?: readonly string[];
  /** None: nothing is kept, and every input is one change away from a seed. */
  coverage: Coverage | null;
  /** Told of an input before it is tried: should the process end, it is the cause. */
  onInput(bytes: Uint8Array, target: string): void;
  /** Told of each fault once, with the smallest input that shows it. */
  onFault(bytes: Uint8Array, target: string, error: unknown): void;
  /** Told of a verdict, for other readers to be asked as well. */
  onVerdict?(bytes: Uint8Array, verdict: Verdict): void;
}

export interface FuzzCounts {
  inputs: number;
  byTarget: Record<string, number>;
  /** Inputs that others are made of: the seeds, and all that reached something new. */
  corpus: number;
  /** Inputs that failed, those that show a fault already known among them. */
  failed: number;
}

/** Files that hold a call by construction, in place of changed ones. */
const CALLING = 'calling';
export const TARGET_NAMES: readonly string[] = [...Object.keys(TARGETS), CALLING];
/** Several times what a scan is given: the machine may be busy. */
const MAX_MILLISECONDS = 4 * MILLISECONDS;
/** Inputs whose coverage is looked at together: asking V8 costs as much as several scans. */
const BATCH = 24;
/** Of all inputs, those that go to the two targets that count for a verdict. */
const FAVOURED = { scan: 0.3, [CALLING]: 0.2 };

interface Attempt {
  bytes: Uint8Array;
  target: string;
  run(bytes: Uint8Array): Verdict | undefined;
  /** Bytes at the beginning without which it is another case; those behind may be left out. */
  fixed: number;
}

/** Tries inputs batch by batch; each value is where it stands after one. Never ends by itself. */
export function* fuzz(options: FuzzOptions): Generator<FuzzCounts> {
  const { random, coverage, onInput, onFault, onVerdict } = options;
  const targets = options.targets ?? TARGET_NAMES;
  const corpora = new Map(targets.map((target) => [target, startingCorpus(target, options.seeds)]));
  const counts: FuzzCounts = { inputs: 0, byTarget: {}, corpus: 0, failed: 0 };
  const faults = new Set<string>();

  const attempt = ({ bytes, target, run, fixed }: Attempt) => {
    counts.inputs += 1;
    counts.byTarget[target] = (counts.byTarget[target] ?? 0) + 1;
    onInput(bytes, target);
    try {
      const started = performance.now();
      const verdict = run(bytes);
      if (performance.now() - started > MAX_MILLISECONDS) throw new Error('It took too long.');
      if (verdict !== undefined) onVerdict?.(bytes, verdict);
    } catch (error) {
      counts.failed += 1;
      const fault = faultOf(target, error);
      if (faults.has(fault)) return;
      faults.add(fault);
      const smallest = minimise(bytes, fixed, (smaller) => failure(run, smaller, target) === fault);
      onFault(smallest, target, error);
    }
  };

  for (const [target, corpus] of corpora) {
    if (target === CALLING) continue;
    for (const seed of corpus) attempt(attemptOf(seed, target));
  }
  coverage?.advance({ keep: true });
  for (;;) {
    const batch = Array.from({ length: BATCH }, () => {
      const target = pickTarget(targets, random);
      const corpus = corpora.get(target) ?? [];
      if (target === CALLING) return callingAttempt(corpus, random);
      // What was kept last has been tried least.
      const recent = random.chance(0.3) ? corpus.slice(-200) : corpus;
      return attemptOf(mutate(random.pick(recent), corpus, random), target);
    });
    for (const one of batch) attempt(one);
    if (coverage?.advance({ keep: false })) {
      for (const one of batch) {
        attempt(one);
        if (coverage.advance({ keep: true })) corpora.get(one.target)?.push(one.bytes);
      }
    }
    counts.corpus = new Set([...corpora.values()].flat()).size;
    yield counts;
  }
}

/** What tells one fault from another: where it was thrown. */
export function faultOf(target: string, error: unknown): string {
  const text = String(error instanceof Error ? error.stack : error);
  return `${target} ${text.split('\n').slice(0, 2).join(' ').replaceAll(/\d+/g, '')}`;
}

function failure(run: Attempt['run'], bytes: Uint8Array, target: string): string | null {
  try {
    run(bytes);
    return null;
  } catch (error) {
    return faultOf(target, error);
  }
}

function startingCorpus(target: string, seeds: readonly Uint8Array[]): Uint8Array[] {
  return (TARGETS[target]?.seeds ?? seeds).filter(({ length }) => length > 0 && length <= MAX_INPUT);
}

function pickTarget(targets: readonly string[], random: Random): string {
  for (const [target, share] of Object.entries(FAVOURED)) {
    if (random.chance(share) && targets.includes(target)) return target;
  }
  return random.pick(targets);
}

function attemptOf(bytes: Uint8Array, target: string): Attempt {
  const run = TARGETS[target]?.run ?? (() => undefined);
  return { bytes, target, run, fixed: 0 };
}

function callingAttempt(corpus: readonly Uint8Array[], random: Random): Attempt {
  const isBare = random.chance(0.5);
  const { bytes, fixed } = isBare ? makeCallingPickle(corpus, random) : makeCallingFile(corpus, random);
  return {
    bytes,
    fixed,
    target: isBare ? 'calling-pickle' : 'calling-file',
    run: (file) => checkCalling(file, isBare),
  };
}
