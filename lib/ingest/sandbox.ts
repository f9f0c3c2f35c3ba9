import { realpathSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import type { InputFile } from '#scanner/opened-files.ts';
import { findProgram, findSandboxUser, type ProcessEnd, WatchedProcess } from '../process/index.ts';
import type { StageFailure } from '../stages.ts';
import type { Extra } from './stages.ts';

export class SandboxError extends Error {
  override name = 'SandboxError';
  readonly code: StageFailure;
  /** Name of the error inside the sandbox, e.g. `ConversionError`; for `refused` only. */
  override readonly cause: string | null;
  /** The end of what the child wrote to its standard error, for operators. */
  readonly log: string;

  constructor(
    code: StageFailure,
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
  /** Files and folders the child may read, in addition to the program itself. */
  readPaths: readonly string[];
  /** What tasks name files by, where that is not their path. */
  inputs?: readonly InputFile[] | undefined;
  /** The one folder it may write to. */
  scratch: string;
  /**
   * For work that computes digests: it may start threads and load native addons, which could leave the sandbox, before it
   * reads a byte, and write nothing, so that there is no addon but those installed.
   */
  isBlind?: boolean;
  /** Bytes of resident memory. */
  memory: number;
  /** Milliseconds. */
  timeout: number;
  /** From 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Ends the stage, whose promise then rejects. */
  signal?: AbortSignal | undefined;
  /** The program to run; the ingest's own unless a test says otherwise. */
  entry?: string;
}

const MIB = 1024 * 1024;

export type Answer = { progress: number } | Outcome;
export type Outcome =
  | { result: unknown }
  /** What the file is at fault for. */
  | { error: { name: string; message: string } }
  /** What the operator has to mend, so that it is tried again. */
  | { fault: 'disk_full' }
  /** It can be done by another process that loads this before it reads the file. */
  | { needs: Extra };

/**
 * Runs one stage in a process of its own under Node's permission model: no network, no child processes, no workers and no
 * native addons (but for `isBlind`), reading only what is named, writing only to `scratch`. Under root it becomes nobody
 * before it reads, and the folder is nobody's. Time and memory are watched
 * from outside. Resolves with the stage's result; rejects with SandboxError.
 */
export async function runInSandbox<T>(
  task: object,
  {
    readPaths,
    inputs = readPaths.map((path) => ({ path })),
    scratch,
    isBlind = false,
    memory,
    timeout,
    onProgress,
    signal,
    entry,
  }: SandboxLimits,
): Promise<T> {
  const { user } = await findSandboxUser();
  if (user !== null) await giveFolder(scratch, user);
  // Files there are named from the working directory, because whom a stage becomes may not walk there.
  const cwd = realpathSync(scratch);
  const stage = new WatchedProcess<object, Answer>({
    entry: entry ?? findProgram('stage'),
    rights: isBlind
      ? { read: [scratch, cwd, ...readPaths], threads: true, addons: true }
      : { read: readPaths, write: [...new Set([scratch, cwd])] },
    channel: 'lines',
    cwd,
    user,
    heap: heapFor(memory),
  });
  let outcome: Outcome | null = null;
  const end = await stage.exchange(
    { ...task, inputs },
    {
      memory,
      time: timeout,
      signal,
      onAnswer(answer) {
        if (!('progress' in answer)) outcome = answer;
        else if (typeof answer.progress === 'number') onProgress?.(answer.progress);
      },
    },
  );
  return resultOf(outcome, end, { memory, timeout }) as T;
}

/** Of a process that may take so many bytes. */
export function heapFor(memory: number): { size: number } {
  return { size: Math.max(64, Math.floor(memory / MIB / 2)) };
}

/** Its group stays this process's own, which gets in also where root may not pass over modes. */
async function giveFolder(folder: string, { uid }: { uid: number }): Promise<void> {
  await chown(folder, uid, process.getgid?.() ?? 0);
  await chmod(folder, 0o770);
}

/** The result of a stage whose process has ended, or a SandboxError that says why there is none. */
function resultOf(
  outcome: Outcome | null,
  end: ProcessEnd,
  limits: Pick<SandboxLimits, 'memory' | 'timeout'>,
): unknown {
  const stopped = stoppedBy(end, limits);
  if (stopped !== null) throw stopped;
  const result = outcome === null ? undefined : answered(outcome, end.log);
  if (outcome === null || end.code !== 0) throw exited(end);
  return result;
}

/** A process that ended by itself before it was done. */
function exited({ how, log }: ProcessEnd): SandboxError {
  return new SandboxError('crash', `It exited without a result (${how}).`, { log });
}

/** The result that was answered. Throws SandboxError for what else was. */
export function answered(outcome: Outcome, log = ''): unknown {
  if ('error' in outcome) {
    const { name, message } = outcome.error;
    throw new SandboxError('refused', message, { cause: name, log });
  }
  if ('needs' in outcome) throw new SandboxError('crash', 'It asked for what it had.', { log });
  if ('fault' in outcome) throw new SandboxError('crash', "The server's disk is full.", { log });
  return outcome.result;
}

/** Why a process has no answer. */
export function endedWithout(end: ProcessEnd, limits: Pick<SandboxLimits, 'memory' | 'timeout'>): SandboxError {
  return stoppedBy(end, limits) ?? exited(end);
}

/** Why a process was ended before it was done; null where it ended by itself. */
function stoppedBy(
  { cause, log }: ProcessEnd,
  { memory, timeout }: Pick<SandboxLimits, 'memory' | 'timeout'>,
): SandboxError | null {
  const crash = (message: string) => new SandboxError('crash', message, { log });
  switch (cause) {
    case 'itself':
      return null;
    case 'time': {
      const seconds = Math.round(timeout / 1000);
      return new SandboxError('time_limit', `Stopped: the time limit of ${seconds} seconds was exceeded.`, { log });
    }
    case 'memory':
    case 'heap': {
      const size = Math.round(memory / MIB);
      return new SandboxError('out_of_memory', `Stopped: the memory limit of ${size} MiB was exceeded.`, { log });
    }
    case 'start':
      return crash('Its process could not be started.');
    case 'answer-size':
      return crash('It exited without a result: its answer was too long.');
    case 'cancelled':
    case 'stopped':
      return crash('It was cancelled.');
  }
}
