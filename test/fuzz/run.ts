import type { Coverage } from './coverage.ts';
import { MAX_INPUT, mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { makeCallingFile, makeCallingPickle } from './reachable.ts';
import { checkCalling, TARGETS, type Target } from './targets.ts';

export interface FuzzOptions {
  seeds: readonly Uint8Array[];
  random: Random;
  /** None: nothing is kept, and every input is one change away from a seed. */
  coverage: Coverage | null;
  /** Told of an input before it is tried: should the process end, it is the cause. */
  onInput(bytes: Uint8Array, target: string): void;
  onCrash(bytes: Uint8Array, target: string, error: unknown): void;
}

export interface FuzzCounts {
  inputs: number;
  /** Inputs that others are made of: the seeds, and all that reached something new. */
  corpus: number;
  crashes: number;
  /** Characters of the scanner's source that have run. */
  covered: number;
}

/** Inputs whose coverage is looked at together: asking V8 costs as much as several scans. */
const BATCH = 24;
/** Of all inputs, those that hold a call by construction. */
const CALLING = 0.2;

/** Tries inputs batch by batch; each value is where it stands after one. Never ends by itself. */
export function* fuzz({ seeds, random, coverage, onInput, onCrash }: FuzzOptions): Generator<FuzzCounts> {
  const corpus = seeds.filter(({ length }) => length > 0 && length <= MAX_INPUT);
  const names = Object.keys(TARGETS);
  const counts: FuzzCounts = { inputs: 0, corpus: corpus.length, crashes: 0, covered: 0 };
  const attempt = ({ bytes, target, run }: Attempt) => {
    counts.inputs += 1;
    onInput(bytes, target);
    try {
      run(bytes);
    } catch (error) {
      counts.crashes += 1;
      onCrash(bytes, target, error);
    }
  };
  for (const seed of corpus) for (const target of names) attempt(attemptOf(seed, target));
  coverage?.advance({ keep: true });
  for (;;) {
    const batch = Array.from({ length: BATCH }, () => {
      // What was kept last has been tried least.
      const recent = random.chance(0.3) ? corpus.slice(-200) : corpus;
      return random.chance(CALLING)
        ? callingAttempt(corpus, random)
        : attemptOf(mutate(random.pick(recent), corpus, random), random.chance(0.5) ? 'scan' : random.pick(names));
    });
    for (const one of batch) attempt(one);
    if (coverage?.advance({ keep: false })) {
      for (const one of batch) {
        attempt(one);
        if (coverage.advance({ keep: true })) corpus.push(one.bytes);
      }
    }
    counts.corpus = corpus.length;
    counts.covered = coverage?.covered ?? 0;
    yield counts;
  }
}

interface Attempt {
  bytes: Uint8Array;
  target: string;
  run: Target;
}

function attemptOf(bytes: Uint8Array, target: string): Attempt {
  return { bytes, target, run: TARGETS[target] ?? (() => {}) };
}

function callingAttempt(corpus: readonly Uint8Array[], random: Random): Attempt {
  const isBare = random.chance(0.5);
  return {
    bytes: isBare ? makeCallingPickle(corpus, random) : makeCallingFile(corpus, random),
    target: isBare ? 'calling-pickle' : 'calling-file',
    run: (bytes) => checkCalling(bytes, isBare),
  };
}
