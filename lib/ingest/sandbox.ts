import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findProgram, programPaths, residentMemory } from '../process/index.ts';

/** How a stage ended that gave no result. `refused` is the stage's own word about the file; the others are about the run. */
export type SandboxFailure = 'refused' | 'time-limit' | 'memory-limit' | 'crash';

export class SandboxError extends Error {
  override name = 'SandboxError';
  readonly code: SandboxFailure;
  /** Name of the error inside the sandbox, e.g. `ConversionError`; for `refused` only. */
  override readonly cause: string | null;
  /** The end of what the child wrote to its standard error, for operators. */
  readonly log: string;

  constructor(
    code: SandboxFailure,
    message: string,
    { cause = null, log = '' }: { cause?: string | null; log?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.cause = cause;
    this.log = log;
  }
}

export interface SandboxLimits {
  /** Files and folders the child may read, beside the program itself. */
  readPaths: readonly string[];
  /** The one folder it may write to. */
  scratch: string;
  /**
   * For work that looks at nothing but bytes and takes none of them for anything: it may use threads and native addons,
   * which could leave the sandbox, and write nothing, so that there is no addon but those installed.
   */
  isBlind?: boolean;
  /** Bytes of resident memory. */
  memory: number;
  /** Milliseconds. */
  timeout: number;
  /** From 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Ends the stage, whose promise then rejects. */
  signal?: AbortSignal;
  /** The program to run; the ingest's own unless a test says otherwise. */
  entry?: string;
}

const MIB = 1024 * 1024;
const WATCH_MS = 200;
const LOG_BYTES = 16 * 1024;
/** A table of a hundred thousand tensors takes some ten megabytes. */
const MAX_LINE = 256 * MIB;

/**
 * Runs one stage in a process of its own under Node's permission model: no network, no child processes, no workers and no
 * native addons (but for `isBlind`), reading only what is named, writing only to `scratch`. Time and memory are watched
 * from outside. Resolves with the stage's result; rejects with SandboxError.
 */
export async function runInSandbox<T>(task: object, limits: SandboxLimits): Promise<T> {
  const child = spawn(process.execPath, argumentsFor(limits), {
    cwd: limits.scratch,
    // Nothing of the service's environment, which holds passwords, goes along.
    env: { PATH: '', LANG: 'C.UTF-8', TZ: 'UTC', NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    stdio: 'pipe',
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  // A child that dies at once closes its input while the task is written; how it ended is said below.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(task));

  let killedFor: 'time-limit' | 'memory-limit' | null = null;
  const kill = (reason: 'time-limit' | 'memory-limit') => {
    killedFor ??= reason;
    child.kill('SIGKILL');
  };
  const abandon = () => child.kill('SIGKILL');
  limits.signal?.addEventListener('abort', abandon);
  if (limits.signal?.aborted) abandon();
  const deadline = setTimeout(() => kill('time-limit'), limits.timeout);
  const watch = setInterval(async () => {
    if ((await residentMemory(child.pid ?? 0)) > limits.memory) kill('memory-limit');
  }, WATCH_MS);

  const [message, log, end] = await Promise.all([
    readMessages<T>(child, limits.onProgress),
    readTail(child),
    ended,
  ]).finally(() => {
    clearTimeout(deadline);
    clearInterval(watch);
    limits.signal?.removeEventListener('abort', abandon);
  });

  if (killedFor === 'time-limit') {
    throw new SandboxError(
      'time-limit',
      `It took longer than ${Math.round(limits.timeout / 1000)} seconds and was stopped.`,
      { log },
    );
  }
  if (killedFor === 'memory-limit' || isOutOfHeap(log)) {
    throw new SandboxError(
      'memory-limit',
      `It needed more than ${Math.round(limits.memory / MIB)} MiB of memory and was stopped.`,
      { log },
    );
  }
  if (message !== null && 'error' in message) {
    throw new SandboxError('refused', message.error.message, { cause: message.error.name, log });
  }
  if (message === null || end.code !== 0) {
    // The operator's to mend, not the file's fault: it is tried again.
    if (/\bENOSPC\b/.test(log)) throw new SandboxError('crash', 'The disk of the service is full.', { log });
    throw new SandboxError('crash', `It ended without a result (${end.signal ?? `exit code ${end.code}`}).`, { log });
  }
  return message.result;
}

function argumentsFor({ readPaths, scratch, memory, entry, isBlind = false }: SandboxLimits): string[] {
  const main = entry ?? findProgram('stage');
  return [
    '--permission',
    ...[...programPaths(), main, scratch, ...readPaths].map((path) => `--allow-fs-read=${path}`),
    ...(isBlind ? ['--allow-worker', '--allow-addons'] : [`--allow-fs-write=${scratch}`]),
    `--max-old-space-size=${Math.max(64, Math.floor(memory / MIB / 2))}`,
    // Pages that V8 has emptied would stand beside what is read next.
    '--memory-pool-timeout=0',
    // For `release` of the scanner.
    '--expose-gc',
    main,
  ];
}

type Message<T> = { progress: number } | { result: T } | { error: { name: string; message: string } };

/** One JSON value a line; the last that is no progress counts. */
async function readMessages<T>(
  child: ChildProcessWithoutNullStreams,
  onProgress?: (fraction: number) => void,
): Promise<Exclude<Message<T>, { progress: number }> | null> {
  let last: Exclude<Message<T>, { progress: number }> | null = null;
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.length > MAX_LINE) continue;
    const message = parse<T>(line);
    if (message === null) continue;
    if ('progress' in message) onProgress?.(message.progress);
    else last = message;
  }
  return last;
}

function parse<T>(line: string): Message<T> | null {
  try {
    return JSON.parse(line) as Message<T>;
  } catch {
    return null;
  }
}

async function readTail(child: ChildProcessWithoutNullStreams): Promise<string> {
  let tail = '';
  for await (const chunk of child.stderr) tail = (tail + String(chunk)).slice(-LOG_BYTES);
  return tail.trim();
}

function isOutOfHeap(log: string): boolean {
  return log.includes('JavaScript heap out of memory');
}
