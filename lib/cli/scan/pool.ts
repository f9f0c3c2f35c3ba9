import { type EndCause, findProgram, ProcessEnd, WatchedProcess } from '#lib/process/index.ts';
import type { LimitChanges, Policy } from '#scanner/index.ts';
import type { FileGroup } from '#scanner/multi-file/index.ts';
import { outerLimits, reasonOf } from './scan-limits.ts';
import type { ExplainedFile } from './scan-path.ts';
import { reportStopped, reportUnread } from './scan-path.ts';
import type { ScanDetail } from './scan-reader.ts';
import type { ScanTask } from './worker.ts';

/** A file to scan; `problem` where it is known that it cannot be read. */
export interface PoolFile {
  path: string;
  name?: string;
  problem: string | null;
  /** It lies in a folder that was named, and may be no model. */
  isFound?: boolean | undefined;
  /** It is not a file: `path` is the folder of a model in several, which is looked at as a whole. */
  group?: FileGroup | undefined;
}

export interface PoolOptions extends ScanDetail {
  jobs: number;
  policy?: Policy | undefined;
  limits?: LimitChanges | undefined;
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
/** MiB of the space for new values, three of which there are at most. */
const SEMI_SPACE = 4;

/**
 * Scans files in as many processes as `jobs` says, and gives the reports in the order of the files. A worker that
 * crashes, hangs or takes too much memory costs its file a finding (`scan/stopped`) and is replaced.
 */
export async function* scanInPool(files: readonly PoolFile[], options: PoolOptions): AsyncGenerator<ExplainedFile> {
  const results = files.map(() => Promise.withResolvers<ExplainedFile>());
  const workers = Array.from({ length: Math.min(options.jobs, files.length) }, () => startWorker(options));
  const stop = new AbortController();
  let next = 0;
  const work = async (worker: ScanWorker) => {
    for (let index = next; index < files.length; index = next) {
      next += 1;
      const file = files[index];
      if (file === undefined) return;
      const done = await scanOne(worker, file, { ...options, signal: stop.signal });
      if (stop.signal.aborted) return;
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
    stop.abort();
    for (const worker of workers) void worker.stop();
  }
}

type ScanWorker = WatchedProcess<ScanTask, ExplainedFile>;

/** Under Node's permission model: a worker reads files, and has no network, no processes and writes nothing. */
function startWorker(options: PoolOptions): ScanWorker {
  return new WatchedProcess({
    entry: options.entry ?? findProgram('scan-worker'),
    rights: { read: 'all' },
    channel: 'messages',
    heap: { size: outerLimits(options).heap, newSpace: SEMI_SPACE },
  });
}

async function scanOne(
  worker: ScanWorker,
  { path, name, problem, isFound, group }: PoolFile,
  options: PoolOptions & { signal: AbortSignal },
): Promise<ExplainedFile> {
  const shown = name ?? path;
  if (problem !== null) return { path: shown, report: reportUnread(path, 'file/unreadable', problem) };
  const { policy, limits, explain, identify, signal } = options;
  const task = { path, name, policy, limits, explain, identify, isFound, group };
  const { memory, time } = outerLimits(options);
  const scan = () => worker.exchange(task, { memory, time, signal, isLast });
  let answer = await scan();
  // Perhaps it was ending already when the file reached it: a fault of the file shows a second time.
  if (answer instanceof ProcessEnd && MAY_PASS.has(answer.cause)) answer = await scan();
  if (!(answer instanceof ProcessEnd)) {
    // What a large file leaves behind would add up with the next one.
    if ((await worker.residentMemory()) > FRESH_MEMORY) void worker.stop();
    return answer;
  }
  return { path: shown, report: reportStopped(path, reasonOfEnd(answer, { memory, time })) };
}

/** A worker answers once. */
const isLast = (_: ExplainedFile): _ is ExplainedFile => true;
/** Ends that need not come of the file. */
const MAY_PASS: ReadonlySet<EndCause> = new Set(['itself', 'heap', 'start']);

function reasonOfEnd(end: ProcessEnd, limits: { memory: number; time: number }): string {
  switch (end.cause) {
    case 'time':
    case 'memory':
      return reasonOf(end.cause, limits);
    case 'answer-size':
      return 'what the scanner found is too much for a report';
    case 'heap':
      return 'the JavaScript heap of the scanner was full';
    case 'start':
      return end.log;
    default:
      return `the scanner exited with ${end.how}`;
  }
}
