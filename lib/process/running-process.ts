import { type ChildProcess, spawn } from 'node:child_process';
import { userArgument } from './become-user.ts';
import { CHANNELS, type ChannelKind } from './channels.ts';
import { compileCacheFolder } from './compile-cache.ts';
import type { OtherUser } from './other-user.ts';
import { type EndCause, ProcessEnd } from './process-end.ts';
import { residentMemory } from './resident-memory.ts';
import { permissionFlags, type Rights, snapshotFlags } from './rights.ts';

export interface ProcessOptions {
  /** The file to start. */
  entry: string;
  /** The snapshot of that program, from which it is started where there is one. */
  snapshot?: string | null | undefined;
  rights: Rights;
  channel: ChannelKind;
  /** Whom the program becomes by `becomeUser`; it stays this process's own user unless given. */
  user?: OtherUser | null | undefined;
  /** Bytes of the longest answer that it may give; 256 MiB unless given. */
  maxAnswer?: number | undefined;
  /** This process's own unless given. */
  cwd?: string | undefined;
  /** Nothing of this process's own unless given: that may hold passwords. */
  env?: NodeJS.ProcessEnv | undefined;
  /** MiB of V8's heap, and of its space for new values. With it, what was emptied goes back to the system. */
  heap?: { size: number; newSpace?: number } | undefined;
}

const EMPTY_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: '',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  NODE_ENV: 'production',
  NODE_NO_WARNINGS: '1',
};
/** A table of a hundred thousand tensors takes some ten megabytes. */
const MAX_ANSWER = 256 * 1024 * 1024;
const LOG_LETTERS = 16 * 1024;
/** With which exit code Node ends where a system has no signal for an abort. */
const ABORTED = 134;

/** One process, from its start to its end. */
export class RunningProcess {
  /** Resolves, whatever happens, when it has ended and all that it said was handed out. */
  readonly ended: Promise<ProcessEnd>;
  /** Whom its answers are handed to. */
  onAnswer: (answer: object) => void = () => {};
  readonly #child: ChildProcess;
  readonly #channel;
  #killedFor: EndCause | null = null;
  #log = '';

  constructor(options: ProcessOptions) {
    this.#channel = CHANNELS[options.channel];
    const child: ChildProcess = spawn(process.execPath, argumentsOf(options), {
      cwd: options.cwd,
      env: { ...(options.env ?? EMPTY_ENVIRONMENT), NODE_COMPILE_CACHE: cacheOf(options) },
      stdio: this.#channel.stdio,
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_LETTERS);
    });
    this.#channel.listen(
      child,
      options.maxAnswer ?? MAX_ANSWER,
      (answer) => this.onAnswer(answer),
      () => this.kill('answer-size'),
    );
    this.ended = this.#untilEnded();
  }

  /** Whether it can be sent a further command. */
  get isOpen(): boolean {
    return this.#isAlive && this.#killedFor === null && this.#channel.isOpen(this.#child);
  }

  send(command: object): void {
    this.#channel.send(this.#child, command);
  }

  /** Says that no further command follows. */
  finish(): void {
    this.#channel.finish(this.#child);
  }

  /** Ends it at once. One that has ended already has ended by itself. */
  kill(cause: EndCause): void {
    if (!this.#isAlive) return;
    this.#killedFor ??= cause;
    this.#child.kill('SIGKILL');
  }

  /** Bytes; 0 where it is gone or the system does not tell. */
  async residentMemory(): Promise<number> {
    const { pid } = this.#child;
    return pid === undefined || !this.#isAlive ? 0 : await residentMemory(pid);
  }

  get #isAlive(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  async #untilEnded(): Promise<ProcessEnd> {
    const child = this.#child;
    const how = await new Promise<{ code: number | null; signal: NodeJS.Signals | null } | Error>((resolve) => {
      // It comes after the end of all that the process wrote.
      child.once('close', (code, signal) => resolve({ code, signal }));
      // One that runs also says so of a command that it could not be sent.
      child.on('error', (error) => child.pid === undefined && resolve(error));
    });
    if (how instanceof Error) return new ProcessEnd('start', { log: how.message });
    const { code, signal } = how;
    const log = this.#log.trim();
    return new ProcessEnd(this.#killedFor ?? (isOutOfHeap(code, signal, log) ? 'heap' : 'itself'), {
      code,
      signal,
      log,
    });
  }
}

/** A snapshot is compiled, and may write nowhere. */
function cacheOf({ snapshot = null }: ProcessOptions): string | undefined {
  return snapshot === null ? (compileCacheFolder() ?? undefined) : undefined;
}

function argumentsOf({ entry, snapshot = null, rights, heap, user }: ProcessOptions): string[] {
  return [
    ...(snapshot === null ? permissionFlags(rights, entry) : ['--snapshot-blob', snapshot, ...snapshotFlags(rights)]),
    ...(heap === undefined ? [] : [`--max-old-space-size=${heap.size}`]),
    ...(heap?.newSpace === undefined ? [] : [`--max-semi-space-size=${heap.newSpace}`]),
    entry,
    ...(user == null ? [] : [userArgument(user)]),
  ];
}

/** V8 tells it by these words alone, and then aborts. */
function isOutOfHeap(code: number | null, signal: NodeJS.Signals | null, log: string): boolean {
  return (signal === 'SIGABRT' || code === ABORTED) && log.includes('JavaScript heap out of memory');
}
