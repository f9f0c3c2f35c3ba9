import { type ChildProcess, fork } from 'node:child_process';
import { findProgram, residentMemory } from '#lib/process/index.ts';
import type { EngineAnswer, EngineCommand } from './messages.ts';

/** How the process ended without an answer. */
export interface EngineEnd {
  kind: 'ended';
  cause: 'memory' | 'time' | 'cancelled' | 'died';
  /** Its exit code or signal, and the end of what it wrote. */
  how: string;
  log: string;
}

export interface EngineProgram {
  /** The program; the engine's own unless a test says otherwise. */
  entry?: string;
  /** Its environment: drivers of GPUs are found by it. This process's own unless given. */
  env?: NodeJS.ProcessEnv;
}

const WATCH_MS = 500;
/** After this long without a word the engine hangs: the slowest step on a slow processor takes some minutes. */
const SILENCE_MS = 30 * 60 * 1000;
/** A step cannot be cut short from within. */
const CANCEL_GRACE_MS = 2000;
const LOG_LETTERS = 8 * 1024;

/** Runs the engine in a process of its own, which is started when it is first wanted and again after it died. */
export class EngineProcess {
  readonly #entry: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #log = '';

  constructor({ entry = findProgram('engine'), env = process.env }: EngineProgram = {}) {
    this.#entry = entry;
    this.#env = env;
  }

  /**
   * Sends one command and hands out what is answered, up to and with the last. Resolves with that, or with how the process
   * ended without one; never rejects for what the engine does.
   */
  async run(
    command: Exclude<EngineCommand, { kind: 'cancel' }>,
    { onAnswer, signal }: { onAnswer: (answer: EngineAnswer) => void; signal?: AbortSignal | undefined },
  ): Promise<Extract<EngineAnswer, { kind: 'done' | 'states' | 'failed' }> | EngineEnd> {
    const child = this.#start();
    let killedFor: EngineEnd['cause'] | null = null;
    const kill = (cause: EngineEnd['cause']) => {
      killedFor ??= cause;
      child.kill('SIGKILL');
    };
    const silence = setTimeout(() => kill('time'), SILENCE_MS);
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
      child.send({ kind: 'cancel' } satisfies EngineCommand, () => {});
      grace = setTimeout(() => kill('cancelled'), CANCEL_GRACE_MS);
    };
    const { memoryLimit } = command.options;
    const watch = setInterval(async () => {
      if (memoryLimit !== null && (await residentMemory(child.pid ?? 0)) > memoryLimit) kill('memory');
    }, WATCH_MS);

    const { promise, resolve } = Promise.withResolvers<
      Extract<EngineAnswer, { kind: 'done' | 'states' | 'failed' }> | EngineEnd
    >();
    const onMessage = (answer: EngineAnswer) => {
      silence.refresh();
      if (answer.kind === 'done' || answer.kind === 'states' || answer.kind === 'failed') resolve(answer);
      else onAnswer(answer);
    };
    const onClose = (code: number | null, ended: NodeJS.Signals | null) => {
      const cause = killedFor ?? 'died';
      resolve({ kind: 'ended', cause, how: ended ?? `exit code ${code}`, log: this.#log.trim() });
    };
    child.on('message', onMessage);
    child.on('close', onClose);
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    else child.send(command, () => {});

    try {
      return await promise;
    } finally {
      clearTimeout(silence);
      clearTimeout(grace);
      clearInterval(watch);
      child.off('message', onMessage);
      child.off('close', onClose);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends the process, and gives back all that it holds. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('close', done));
    child.kill('SIGKILL');
    await ended;
  }

  #start(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const child = fork(this.#entry, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Not those of this process, which may be one that reloads when its source changes.
      execArgv: [],
      // What people upload is read here, and passwords of the service stay outside.
      env: { ...withoutSecrets(this.#env), NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    });
    this.#child = child;
    this.#log = '';
    child.stderr?.on('data', (chunk) => {
      this.#log = (this.#log + String(chunk)).slice(-LOG_LETTERS);
    });
    child.once('close', () => {
      if (this.#child === child) this.#child = null;
    });
    return child;
  }
}

function withoutSecrets(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const isSecret = (name: string) => name === 'DATABASE_URL' || /^WEIGHHOUSE_.*(?:PASSWORD|TOKEN)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecret(name)));
}
