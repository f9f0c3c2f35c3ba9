import type { InputFile } from '#scanner/opened-files.ts';
import { ProcessEnd } from '../process/index.ts';
import { type ReadyProcess, ReadyProcesses } from './ready-processes.ts';
import { answered, endedWithout, type Outcome, type SandboxLimits } from './sandbox.ts';
import { EXTRAS, type Extra, type StageResults, type StageTask } from './stages.ts';

type InspectionTask = Extract<StageTask, { stage: 'scan' | 'identify'; path: string }>;

const shared = new ReadyProcesses();

/** Ends the processes that wait for files. */
export async function stopReadyProcesses(): Promise<void> {
  await shared.endWaiting();
}

/**
 * One process for what looks at one file and writes nothing: scanning and identifying. It is taken when the first task
 * comes, does one after the other, and is ended with this object: nobody uses it for another file, so that a file which
 * took it over can lie about itself alone. A task that is cut short ends it, and the next one takes another. So does one
 * that needs more than the process has loaded: then the next one loads it first.
 */
export class FileProcess implements AsyncDisposable {
  readonly #file: InputFile;
  readonly #pool: ReadyProcesses;
  readonly #extras: Set<Extra>;
  #taken: { ready: ReadyProcess; link: string; limits: Disposable } | null = null;

  /** `extras`: what is known to be needed. */
  constructor(
    file: InputFile,
    { pool = shared, extras = [] }: { pool?: ReadyProcesses; extras?: readonly Extra[] } = {},
  ) {
    this.#file = file;
    this.#pool = pool;
    this.#extras = new Set(extras);
  }

  /** The result of a stage; rejects as `runInSandbox` does. */
  async run<Task extends InspectionTask>(
    task: Task,
    limits: Pick<SandboxLimits, 'memory' | 'timeout' | 'onProgress'>,
  ): Promise<StageResults[Task['stage']]> {
    const until = performance.now() + limits.timeout;
    for (;;) {
      const outcome = await this.#exchange(task, limits, until - performance.now());
      if ('result' in outcome) return outcome.result as StageResults[Task['stage']];
      await this[Symbol.asyncDispose]();
      // Whatever else it asks for it had, or there is no such thing.
      if (!('needs' in outcome) || !EXTRAS.includes(outcome.needs) || this.#extras.has(outcome.needs))
        return answered(outcome) as never;
      this.#extras.add(outcome.needs);
    }
  }

  /** One try, of `time` milliseconds. */
  async #exchange(
    task: InspectionTask,
    { memory, timeout, onProgress }: Pick<SandboxLimits, 'memory' | 'timeout' | 'onProgress'>,
    time: number,
  ): Promise<Outcome> {
    // It may have ended meanwhile.
    if (this.#taken?.ready.process.isOpen === false) await this[Symbol.asyncDispose]();
    this.#taken ??= await this.#take(memory, timeout);
    const { ready, link } = this.#taken;
    const last = await ready.process.exchange(
      { ...task, inputs: [{ ...this.#file, link }], extras: [...this.#extras] },
      {
        time,
        isLast: (answer): answer is Outcome => !('progress' in answer),
        onAnswer(answer) {
          if ('progress' in answer && typeof answer.progress === 'number') onProgress?.(answer.progress);
        },
      },
    );
    if (!(last instanceof ProcessEnd)) return last;
    await this[Symbol.asyncDispose]();
    throw endedWithout(last, { memory, timeout });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const taken = this.#taken;
    this.#taken = null;
    taken?.limits[Symbol.dispose]();
    await taken?.ready.end();
  }

  async #take(memory: number, timeout: number) {
    const taken = await this.#pool.take({ canLoad: this.#extras.has('later') });
    try {
      // Also between two tasks, while the service writes down what the first one found.
      const limits = taken.process.enforce({ memory, time: 2 * timeout });
      return { ready: taken, link: await taken.give(this.#file.path), limits };
    } catch (error) {
      await taken.end();
      throw error;
    }
  }
}
