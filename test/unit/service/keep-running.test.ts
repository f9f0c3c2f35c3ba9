import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ending, type Kept, keepRunning, type Limits, type Running } from '#lib/service/keep-running.ts';

const LIMITS: Limits = {
  pause: 1,
  maxPause: 4,
  stable: 60_000,
  failedStarts: 4,
  ends: 6,
  window: 600_000,
  silence: 1,
  startSilence: 2,
};

/** A part whose runs the test ends. */
class Runs {
  readonly all: {
    end(ending?: Ending): void;
    becomeReady(): void;
    onAlive(): void;
    killed: boolean;
    stopped: boolean;
  }[] = [];
  readonly part = { name: 'The part', start: (onAlive: () => void) => this.#start(onAlive) };

  get last() {
    const last = this.all.at(-1);
    if (last === undefined) throw new Error('Nothing was started.');
    return last;
  }

  #start(onAlive: () => void): Running {
    let end = (_: Ending) => {};
    const ended = new Promise<Ending>((resolve) => {
      end = resolve;
    });
    let becomeReady = () => {};
    const ready = new Promise<void>((resolve, reject) => {
      becomeReady = resolve;
      void ended.then(({ how }) => reject(new Error(how)));
    });
    const run = {
      end: (ending: Ending = { how: 'it exited with code 1' }) => end(ending),
      becomeReady,
      onAlive,
      killed: false,
      stopped: false,
    };
    this.all.push(run);
    return {
      ready,
      ended,
      async stop() {
        run.stopped = true;
        end({ how: 'it stopped' });
      },
      kill() {
        run.killed = true;
        end({ how: 'it was ended by SIGKILL' });
      },
    };
  }
}

const kept: Kept[] = [];
const keep = (runs: Runs, limits: Partial<Limits> = {}) => {
  const one = keepRunning(runs.part, { ...LIMITS, ...limits });
  kept.push(one);
  return one;
};
afterEach(() => Promise.all(kept.splice(0).map((one) => one.stop())));

describe('a part that is kept running', () => {
  it('is started again when it ends, and stopped for good', async () => {
    const runs = new Runs();
    const one = keep(runs);
    runs.last.becomeReady();
    await one.ready;
    runs.last.end();
    await expect.poll(() => runs.all.length).toBe(2);
    await one.stop();
    expect(runs.last.stopped).toBe(true);
    await new Promise((next) => setImmediate(next));
    expect(runs.all).toHaveLength(2);
  });

  it('is given up after a number of starts in a row of which none became ready', async () => {
    const runs = new Runs();
    const one = keep(runs);
    for (let started = 1; started <= LIMITS.failedStarts; started += 1) {
      await expect.poll(() => runs.all.length).toBe(started);
      runs.last.end({ how: `it failed for the ${started}th time` });
    }
    expect(await one.givenUp).toMatch(/^The part cannot be kept running .*it failed for the 4th time/);
  });

  it('is given up after a number of ends in a while, ready or not', async () => {
    const runs = new Runs();
    const one = keep(runs);
    for (let started = 1; started <= LIMITS.ends; started += 1) {
      await expect.poll(() => runs.all.length).toBe(started);
      runs.last.becomeReady();
      await one.ready;
      await new Promise((next) => setImmediate(next));
      runs.last.end();
    }
    await one.givenUp;
    expect(runs.all).toHaveLength(LIMITS.ends);
  });

  it('is given up at once where no start can help', async () => {
    const runs = new Runs();
    const one = keep(runs);
    runs.last.end({ how: 'its data is gone', isFinal: true });
    expect(await one.givenUp).toMatch(/its data is gone/);
    expect(runs.all).toHaveLength(1);
  });

  describe('and watched', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
    afterEach(() => void vi.useRealTimers());

    it('is killed when it shows no life, before it was heard of and after', async () => {
      const runs = new Runs();
      keep(runs, { silence: 60, startSilence: 300 });
      vi.advanceTimersByTime(299_000);
      expect(runs.last.killed).toBe(false);
      vi.advanceTimersByTime(1000);
      expect(runs.last.killed).toBe(true);

      await expect.poll(() => runs.all.length).toBe(2);
      runs.last.onAlive();
      vi.advanceTimersByTime(59_000);
      expect(runs.last.killed).toBe(false);
      vi.advanceTimersByTime(1000);
      expect(runs.last.killed).toBe(true);
    });

    it('is left alone while it shows life', () => {
      const runs = new Runs();
      keep(runs, { silence: 60, startSilence: 300 });
      for (let second = 0; second < 3600; second += 50) {
        runs.last.onAlive();
        vi.advanceTimersByTime(50_000);
      }
      expect(runs.all).toHaveLength(1);
      expect(runs.last.killed).toBe(false);
    });
  });
});
