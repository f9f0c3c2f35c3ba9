import { ProcessEnd } from './process-end.ts';
import { type ProcessOptions, RunningProcess } from './running-process.ts';

const WATCH_MS = 200;

/** What a process may take for one command. Each that is missing or null is not watched. */
export interface CommandLimits<Command> {
  /** Bytes of resident memory, read from outside. */
  memory?: number | null | undefined;
  /** Milliseconds until the last answer. */
  time?: number | undefined;
  /** Milliseconds between two answers. */
  silence?: number | undefined;
  /** Ends the process, or nothing where none was started yet. */
  signal?: AbortSignal | undefined;
  /** Sent when it is cancelled, to a process that can stop by itself; it is ended after `grace` milliseconds. */
  cancel?: { command: Command; grace: number } | undefined;
}

export interface Exchange<Command, Answer, Last extends Answer> extends CommandLimits<Command> {
  /** With which answer the command is done. Without it, that is when the process ends, and it gets no further command. */
  isLast?: (answer: Answer) => answer is Last;
  /** Told of every other answer. */
  onAnswer?: (answer: Answer) => void;
}

/**
 * A program that works in a process of its own, with no more rights than declared, watched from outside. Started when it is
 * first wanted, and again after it ended. One command at a time.
 */
export class WatchedProcess<Command extends object, Answer extends object> {
  readonly #options: ProcessOptions;
  #running: RunningProcess | null = null;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /**
   * Sends one command and hands out what is answered. Resolves with the last answer, or with how the process ended without
   * one; rejects only with what `onAnswer` throws.
   */
  async exchange<Last extends Answer = never>(
    command: Command,
    { isLast, onAnswer, ...limits }: Exchange<Command, Answer, Last>,
  ): Promise<Last | ProcessEnd> {
    if (limits.signal?.aborted === true) return new ProcessEnd('cancelled');
    const running = this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<Last | ProcessEnd>();
    const watch = enforceLimits(running, limits);
    running.onAnswer = (message) => {
      const answer = message as Answer;
      watch.onActivity();
      if (isLast?.(answer)) return resolve(answer);
      try {
        onAnswer?.(answer);
      } catch (error) {
        running.kill('stopped');
        reject(error);
      }
    };
    void running.ended.then(resolve);
    running.send(command);
    if (isLast === undefined) running.finish();
    try {
      return await promise;
    } finally {
      watch.end();
      running.onAnswer = () => {};
    }
  }

  /** Starts its process ahead, and has it do what no answer is wanted for. */
  prepare(command: Command): void {
    this.#start().send(command);
  }

  /** Whether its process runs and can be sent a further command. */
  get isOpen(): boolean {
    return this.#running?.isOpen === true;
  }

  /** Ends its process where it passes these limits, also between commands, until what this returns is disposed of. */
  enforce(limits: Pick<CommandLimits<Command>, 'memory' | 'time'>): Disposable {
    const { end } = enforceLimits(this.#start(), limits);
    return { [Symbol.dispose]: end };
  }

  /** Bytes that its process has resident; 0 where there is none or the system does not tell. */
  async residentMemory(): Promise<number> {
    return (await this.#running?.residentMemory()) ?? 0;
  }

  /** Ends its process, and gives back all that it holds. The next command starts another. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    running?.kill('stopped');
    await running?.ended;
  }

  #start(): RunningProcess {
    if (this.#running?.isOpen !== true) this.#running = new RunningProcess(this.#options);
    return this.#running;
  }
}

/** Ends a process that passes its limits. Call `onActivity` at each answer. */
function enforceLimits<Command extends object>(
  running: RunningProcess,
  { memory = null, time, silence, signal, cancel }: CommandLimits<Command>,
): { onActivity(): void; end(): void } {
  const after = (ms: number | undefined, cause: 'time' | 'cancelled') =>
    ms === undefined ? undefined : setTimeout(() => running.kill(cause), ms);
  const timers = [after(time, 'time')];
  const quiet = after(silence, 'time');

  let isReading = false;
  const readMemory = async (most: number) => {
    if (isReading) return;
    isReading = true;
    if ((await running.residentMemory()) > most) running.kill('memory');
    isReading = false;
  };
  const reading = memory === null ? undefined : setInterval(() => void readMemory(memory), WATCH_MS);

  const onAbort = () => {
    if (cancel === undefined) return running.kill('cancelled');
    running.send(cancel.command);
    timers.push(after(cancel.grace, 'cancelled'));
  };
  signal?.addEventListener('abort', onAbort, { once: true });

  return {
    onActivity: () => void quiet?.refresh(),
    end() {
      for (const timer of [...timers, quiet]) clearTimeout(timer);
      clearInterval(reading);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
