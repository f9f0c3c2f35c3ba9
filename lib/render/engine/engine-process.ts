import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
/** What names the folder for temporary files on one system or the other. */
const TEMPORARY_FOLDER = ['TMPDIR', 'TMP', 'TEMP'];

interface Started {
  process: WatchedProcess<EngineCommand, EngineAnswer>;
  /** The one folder that it writes to. */
  scratch: string;
}

/**
 * Runs the engine in a process of its own, which is started when it is first wanted and again after it died. Drivers of
 * GPUs are native code, which no right of Node holds; what the engine does in JavaScript is held: it reads, and writes to
 * its scratch folder.
 */
export class EngineProcess {
  readonly #program: EngineProgram;
  #started: Started | null = null;

  constructor(program: EngineProgram = {}) {
    this.#program = program;
  }

  /**
   * Sends one command and hands out what is answered before the last. Resolves with that, or with how the process ended
   * without one; never rejects for what the engine does.
   */
  async run(
    command: Exclude<EngineCommand, { kind: 'cancel' }>,
    { onAnswer, signal }: { onAnswer: (answer: EngineAnswer) => void; signal?: AbortSignal | undefined },
  ): Promise<LastAnswer | ProcessEnd> {
    this.#started ??= this.#start();
    // Whoever clears temporary files away may have taken it meanwhile.
    mkdirSync(this.#started.scratch, { recursive: true, mode: 0o700 });
    return await this.#started.process.exchange(command, {
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
    const started = this.#started;
    this.#started = null;
    if (started === null) return;
    await started.process.stop();
    await rm(started.scratch, { recursive: true, force: true });
  }

  #start(): Started {
    const { entry = findProgram('engine'), env = process.env } = this.#program;
    const scratch = mkdtempSync(join(tmpdir(), 'weighhouse-render-'));
    const watched = new WatchedProcess<EngineCommand, EngineAnswer>({
      entry,
      rights: { read: 'all', write: [scratch], addons: true },
      channel: 'messages',
      // What people upload is read here, and passwords of the service stay outside.
      env: {
        ...withoutSecrets(env),
        NODE_ENV: 'production',
        NODE_NO_WARNINGS: '1',
        ...Object.fromEntries(TEMPORARY_FOLDER.map((name) => [name, scratch])),
      },
    });
    return { process: watched, scratch };
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
