import type { Policy } from '#scanner/index.ts';
import { type LimitChanges, mergeLimits } from '#scanner/limits.ts';

const MIB = 1024 * 1024;
/** Far above what a scan within its limits takes. */
const MEMORY = 1024 * MIB;
/** MiB of the heap beside the values of a pickle. The less there is, the sooner V8 cleans up. */
const HEAP = 80;
/** A scan ends itself at its own limit of time; past twice that it hangs. */
const PATIENCE = 2;
const GRACE_MS = 30_000;

export interface OuterLimits {
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
  /** Bytes of resident memory that a scan may take. */
  memory?: number | undefined;
  /** Milliseconds for one file, after which its scan is stopped. */
  timeout?: number | undefined;
}

/** What a scan is stopped at from outside, should its own limits not hold. */
export function outerLimits({ policy, limits, memory, timeout }: OuterLimits): {
  /** Bytes of resident memory. */
  memory: number;
  /** Milliseconds. */
  time: number;
  /** MiB of V8's heap. */
  heap: number;
} {
  const { milliseconds, pickle } = mergeLimits(policy?.limits, limits);
  return {
    memory: memory ?? MEMORY + pickle.heldBytes,
    time: timeout ?? milliseconds * PATIENCE + GRACE_MS,
    heap: Math.min(HEAP + Math.ceil(pickle.heldBytes / MIB), Math.floor((memory ?? MEMORY) / MIB / 2)),
  };
}

/** Why a scan was stopped at one of them, in words. */
export function reasonOf(cause: 'time' | 'memory', { memory, time }: { memory: number; time: number }): string {
  return cause === 'time'
    ? `it took longer than ${Math.round(time / 1000)} seconds`
    : `it used more than ${Math.round(memory / MIB)} MiB of memory`;
}
