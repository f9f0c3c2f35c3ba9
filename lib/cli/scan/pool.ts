import { type ChildProcess, fork } from 'node:child_process';
import { findProgram, residentMemory } from '#lib/process/index.ts';
import { type LimitChanges, mergeLimits, type Policy } from '#scanner/index.ts';
import { reportUnread } from './scan-path.ts';
import type { ExplainedFile, ScanTask } from './worker.ts';

/** A file to scan; `problem` where it is known that it cannot be read. */
export interface PoolFile {
  path: string;
  name?: string;
  problem: string | null;
}

export interface PoolOptions {
  jobs: number;
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
  /** Asks for the explanation as well: a text, with colour or without. */
  explain?: { colour: boolean } | undefined;
  /** Bytes of resident memory that one worker may take. */
  memory?: number;
  /** Milliseconds for one file, after which its worker is stopped. */
  timeout?: number;
  /** Told of each file as it is done, in no order. */
  onDone?: (file: ExplainedFile) => void;
  /** The worker's program; the scanner's own unless a test says otherwise. */
  entry?: string;
}

const MIB = 1024 * 1024;
/** Bytes of resident memory with which a worker takes another file. */
const FRESH_MEMORY = 120 * MIB;
/** Far above what a scan within its limits takes. */
const MEMORY = 1024 * MIB;
/** MiB of the heap beside the values of a pickle. The less there is, the sooner V8 cleans up. */
const HEAP = 80;
/** MiB of the space for new values, three of which there are at most. */
const SEMI_SPACE = 4;
const WATCH_MS = 250;
/** A scan ends itself at its own limit of time; past twice that it hangs. */
const PATIENCE = 2;
const GRACE_MS = 30_000;

/**
 * Scans files in as many processes as `jobs` says, and gives the reports in the order of the files. A worker that
 * crashes, hangs or takes too much memory costs its file a finding (`scan/stopped`) and is replaced.
 */
export async function* scanInPool(files: readonly PoolFile[], options: PoolOptions): AsyncGenerator<ExplainedFile> {
  const results = files.map(() => Promise.withResolvers<ExplainedFile>());
  const workers = Array.from({ length: Math.min(options.jobs, files.length) }, () => new Worker(options));
  let next = 0;
  const work = async (worker: Worker) => {
    for (let index = next; index < files.length; index = next) {
      next += 1;
      const file = files[index];
      if (file === undefined) return;
      const done = await scanOne(worker, file, options);
      options.onDone?.(done);
      results[index]?.resolve(done);
    }
  };
  const all = Promise.all(workers.map(work));
  // What goes wrong here is no file's fault: it ends the whole, at the file that is waited for.
  all.catch((error) =>
    results.forEach(({ promise, reject }) => {
      promise.catch(() => {});
      reject(error);
    }),
  );
  try {
    for (const { promise } of results) yield await promise;
  } finally {
    for (const worker of workers) worker.stop();
  }
}

async function scanOne(worker: Worker, file: PoolFile, options: PoolOptions): Promise<ExplainedFile> {
  const { path, name, problem } = file;
  const shown = name ?? path;
  if (problem !== null) return { path: shown, report: reportUnread(path, 'file/unreadable', problem) };
  const { policy, limits, explain } = options;
  const task = { path, name, policy, limits, explain };
  let answer = await worker.scan(task);
  // Perhaps it was ending already when the file reached it: a fault of the file shows a second time.
  if ('stopped' in answer && !answer.killed) answer = await worker.scan(task);
  if ('report' in answer) return answer;
  const message = `The scan of this file broke off: ${answer.stopped}. It was not checked.`;
  return { path: shown, report: reportUnread(path, 'scan/stopped', message) };
}

/** Why there is no report; `killed` where that was this side's doing. */
interface Stopped {
  stopped: string;
  killed: boolean;
}

/** One worker process at a time, started when wanted. */
class Worker {
  private readonly options: PoolOptions;
  private child: ChildProcess | null = null;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  async scan(task: ScanTask): Promise<ExplainedFile | Stopped> {
    // One that died between two files is no fault of the next.
    const child = this.child?.connected ? this.child : this.start();
    const { milliseconds, pickle } = mergeLimits(this.options.policy?.limits, this.options.limits);
    const { memory = MEMORY + pickle.heldBytes, timeout = milliseconds * PATIENCE + GRACE_MS } = this.options;
    let reason: string | null = null;
    const kill = (why: string) => {
      reason ??= why;
      child.kill('SIGKILL');
    };
    const deadline = setTimeout(() => kill(`it took longer than ${Math.round(timeout / 1000)} seconds`), timeout);
    const watch = setInterval(async () => {
      if ((await residentMemory(child.pid ?? 0)) > memory)
        kill(`it took more than ${Math.round(memory / MIB)} MiB of memory`);
    }, WATCH_MS);
    const { promise, resolve } = Promise.withResolvers<ExplainedFile | Stopped>();
    const onMessage = (answer: unknown) => resolve(answer as ExplainedFile);
    const onExit = (code: number | null, signal: string | null) =>
      resolve({
        stopped: reason ?? `the scanner ended with ${signal ?? `exit code ${code}`}`,
        killed: reason !== null,
      });
    const onError = (error: Error) => resolve({ stopped: error.message, killed: false });
    child.once('message', onMessage).once('exit', onExit).once('error', onError);
    child.send(task);
    const answer = await promise;
    clearTimeout(deadline);
    clearInterval(watch);
    child.off('message', onMessage).off('exit', onExit).off('error', onError);
    // What a large file leaves behind would stand beside the next one.
    if (!('report' in answer) || (await residentMemory(child.pid ?? 0)) > FRESH_MEMORY) this.stop();
    return answer;
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }

  /** Under Node's permission model: a worker reads files, and has no network, no processes and writes nothing. */
  private start(): ChildProcess {
    const { memory = MEMORY, entry = findProgram('scan-worker') } = this.options;
    const { pickle } = mergeLimits(this.options.policy?.limits, this.options.limits);
    const heap = Math.min(HEAP + Math.ceil(pickle.heldBytes / MIB), Math.floor(memory / MIB / 2));
    this.child = fork(entry, {
      execArgv: [
        '--permission',
        '--allow-fs-read=*',
        `--max-old-space-size=${heap}`,
        `--max-semi-space-size=${SEMI_SPACE}`,
        // Pages that V8 has emptied would stand beside what a file takes next.
        '--memory-pool-timeout=0',
        // For `release` of the scanner.
        '--expose-gc',
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: '', LANG: 'C.UTF-8', TZ: 'UTC', NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    });
    // An error while nobody waits is seen at the next file, by the channel that is gone.
    this.child.on('error', () => {});
    return this.child;
  }
}
