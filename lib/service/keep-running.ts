import { setTimeout as wait } from 'node:timers/promises';
import { log } from '../log.ts';

/** Something that the service consists of: PostgreSQL, or a process of its own. */
export interface Part {
  name: string;
  /** Starts it. `onAlive` is to be called whenever it shows that it works. */
  start(onAlive: () => void): Running;
}

export interface Ending {
  /** In words, as the end of a sentence. */
  how: string;
  /** No further start can change it. */
  isFinal?: boolean;
}

/** A part from its start to its end. */
export interface Running {
  /** Resolves when it can do its work; rejects where it ends before. */
  ready: Promise<void>;
  /** Resolves, whatever happens, when it has ended. */
  ended: Promise<Ending>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

export interface Limits {
  /** The pause before a restart, in milliseconds; doubled with each end that comes soon after the last. */
  pause: number;
  maxPause: number;
  /** A part that was ready for this long was well, and its next restart is quick again. Milliseconds. */
  stable: number;
  /** Starts in a row that ended before the part was ready. */
  failedStarts: number;
  /** Ends within `window` milliseconds. */
  ends: number;
  window: number;
  /** Seconds without a sign of life until a part that was heard of is killed, and until one that never was is. */
  silence: number;
  startSilence: number;
}

/** docs/OPERATIONS.md says these. */
export const LIMITS: Omit<Limits, 'silence'> = {
  pause: 500,
  maxPause: 30_000,
  stable: 60_000,
  failedStarts: 8,
  ends: 20,
  window: 10 * 60_000,
  startSilence: 300,
};

export interface Kept {
  /** Resolves with the reason when it cannot be brought back; never while it can. */
  givenUp: Promise<string>;
  /** Resolves when it is ready for the first time. */
  ready: Promise<void>;
  /** Ends it in order, and for good. */
  stop(): Promise<void>;
}

/**
 * Keeps a part running: started again when it ends, ever later while it keeps ending, and killed where it shows no life,
 * until it is stopped or has ended too often. `first` is one that runs already.
 */
export function keepRunning(part: Part, limits: Limits, first?: (onAlive: () => void) => Running): Kept {
  let stopping = false;
  let running: Running | null = null;
  const pausing = new AbortController();
  let becomeReady = () => {};
  const firstReady = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });

  const givenUp = new Promise<string>((giveUp) => {
    void (async () => {
      const ends: number[] = [];
      let failures = 0;
      let pause = limits.pause;
      for (let start = first ?? part.start; !stopping; start = part.start) {
        const silence = watchSilence(part.name, limits, () => running?.kill());
        running = start(silence.onAlive);
        running.ready.then(becomeReady, () => {});
        const { readyAt, how, isFinal } = await untilEnd(running);
        silence.stop();
        if (stopping) return;
        running = null;

        const now = performance.now();
        failures = readyAt === null ? failures + 1 : 0;
        if (readyAt !== null && now - readyAt > limits.stable) pause = limits.pause;
        ends.push(now);
        const recent = ends.filter((end) => now - end < limits.window).length;
        if (isFinal || failures >= limits.failedStarts || recent >= limits.ends) {
          giveUp(`${part.name} cannot be kept running (ended ${recent} times; last: ${how})`);
          return;
        }
        log('supervisor').error({ name: part.name, how, again: pause }, `${part.name} ended and is restarted.`);
        await wait(pause, undefined, { signal: pausing.signal }).catch(() => {});
        pause = Math.min(pause * 2, limits.maxPause);
      }
    })();
  });

  return {
    givenUp,
    ready: firstReady,
    async stop() {
      stopping = true;
      pausing.abort();
      await running?.stop();
    },
  };
}

async function untilEnd({ ready, ended }: Running): Promise<Ending & { readyAt: number | null }> {
  let readyAt: number | null = null;
  ready.then(
    () => {
      readyAt = performance.now();
    },
    () => {},
  );
  const ending = await ended;
  return { readyAt, ...ending };
}

/**
 * Calls `kill` when a part was silent for too long. Its own ticks are counted, not the clock: a machine that slept, or a
 * supervisor that was stopped, has heard nothing, and nothing follows from that.
 */
function watchSilence(name: string, { silence, startSilence }: Limits, kill: () => void) {
  let ticks = 0;
  let most = startSilence;
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks !== most) return;
    log('supervisor').error({ name, seconds: most }, `${name} is stuck and is killed.`);
    kill();
  }, 1000);
  return {
    onAlive() {
      ticks = 0;
      most = silence;
    },
    stop: () => clearInterval(timer),
  };
}
