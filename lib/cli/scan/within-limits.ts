import { runInThisContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { isSystemError } from '#scanner/errors.ts';
import { programFile } from '#scanner/program-file.ts';

/** Why work on this thread was cut short. */
export type CutShort = 'time' | 'memory';

export interface Watch {
  /**
   * Runs `work` to its end and gives what it returns, or says why it was cut short: after `timeout` milliseconds, or with
   * more resident memory than the watch allows. Ctrl-C cuts it short as well, and then ends the process.
   */
  run<T>(work: () => T, timeout: number): { result: T } | { cut: CutShort };
}

const WATCH = 'lib/cli/scan/memory-watch.ts';
/** What V8 throws where its `timeout` is over, and where `breakOnSigint` met the signal. */
const ENDS: Readonly<Record<string, CutShort>> = {
  ERR_SCRIPT_EXECUTION_TIMEOUT: 'time',
  ERR_SCRIPT_EXECUTION_INTERRUPTED: 'memory',
};
const NAME = 'weighhouseWork';

/**
 * Watches this process, so that work which is one long calculation needs no second process to be stopped by: V8 itself
 * ends it when its time is over, and a small thread looks at the memory (Linux) and interrupts it. Under Node's permission
 * model this uses up the right to start threads, so that what the work reads can start none.
 */
export function startWatch(memory: number): Watch {
  const exceeded = new Int32Array(new SharedArrayBuffer(4));
  if (process.platform === 'linux') {
    const thread = new Worker(programFile(WATCH), {
      workerData: { memory, exceeded },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    thread.unref();
  }
  process.permission?.drop('worker');
  return {
    run(work, timeout) {
      // A limit holds for a script, and what it calls.
      Object.assign(globalThis, { [NAME]: work });
      try {
        return { result: runInThisContext(`${NAME}()`, { timeout, breakOnSigint: true }) };
      } catch (error) {
        const cut = isSystemError(error) ? ENDS[error.code] : undefined;
        if (cut === undefined) throw error;
        if (cut === 'memory' && Atomics.load(exceeded, 0) === 0) process.kill(process.pid, 'SIGINT');
        return { cut };
      } finally {
        Reflect.deleteProperty(globalThis, NAME);
      }
    },
  };
}
