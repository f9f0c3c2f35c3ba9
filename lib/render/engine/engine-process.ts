import { findProgram, type ProcessEnd, WatchedProcess } from '#lib/process/index.ts';
import type { EngineAnswer, EngineCommand } from './messages.ts';

export interface EngineProgram {
  /** The program; the engine's own unless a test says otherwise. */
  entry?: string;
  /** Its environment: drivers of GPUs are found by it. This process's own unless given. */
  env?: NodeJS.ProcessEnv;
}

/** The answer that a command ends with. */
export type LastAnswer = Extract<EngineAnswer, { kind: 'done' | 'states' | 'failed' }>;

/** After this long without a word the engine hangs: the slowest step on a slow processor takes some minutes. */
const SILENCE_MS = 30 * 60 * 1000;
/** A step cannot be cut short from within. */
const CANCEL_GRACE_MS = 2000;

/** Runs the engine in a process of its own, which is started when it is first wanted and again after it died. */
export class EngineProcess {
  readonly #process: WatchedProcess<EngineCommand, EngineAnswer>;

  constructor({ entry = findProgram('engine'), env = process.env }: EngineProgram = {}) {
    this.#process = new WatchedProcess({
      entry,
      rights: 'unrestricted',
      channel: 'ipc',
      // What people upload is read here, and passwords of the service stay outside.
      env: { ...withoutSecrets(env), NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    });
  }

  /**
   * Sends one command and hands out what is answered before the last. Resolves with that, or with how the process ended
   * without one; never rejects for what the engine does.
   */
  async run(
    command: Exclude<EngineCommand, { kind: 'cancel' }>,
    { onAnswer, signal }: { onAnswer: (answer: EngineAnswer) => void; signal?: AbortSignal | undefined },
  ): Promise<LastAnswer | ProcessEnd> {
    return await this.#process.exchange(command, {
      memory: command.options.memoryLimit,
      silence: SILENCE_MS,
      signal,
      cancel: { command: { kind: 'cancel' }, grace: CANCEL_GRACE_MS },
      isLast,
      onAnswer,
    });
  }

  /** Ends the process, and gives back all that it holds. */
  async close(): Promise<void> {
    await this.#process.stop();
  }
}

function isLast(answer: EngineAnswer): answer is LastAnswer {
  return answer.kind === 'done' || answer.kind === 'states' || answer.kind === 'failed';
}

function withoutSecrets(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  // The settings of the service hold passwords in URLs too, and the engine reads none of them.
  const isSecret = (name: string) => /^(?:DATABASE_URL$|WEIGHHOUSE_|PG)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecret(name)));
}
