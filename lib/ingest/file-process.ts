import { ProcessEnd } from '../process/index.ts';
import { type ReadyProcess, ReadyProcesses } from './ready-processes.ts';
import { answered, endedWithout, type Outcome, type SandboxLimits } from './sandbox.ts';
import type { StageResults, StageTask } from './stages.ts';

type InspectionTask = Extract<StageTask, { stage: 'scan' | 'identify' }>;

const shared = new ReadyProcesses();

/** Ends the processes that wait for files. */
export async function stopReadyProcesses(): Promise<void> {
  await shared.endWaiting();
}

/**
 * One process for what looks at one file and writes nothing: scanning and identifying. It is taken when the first task
 * comes, does one after the other, and is ended with this object: nobody uses it for another file, so that a file which
 * took it over can lie about itself alone. A task that is cut short ends it, and the next one takes another.
 */
export class FileProcess implements AsyncDisposable {
  readonly #path: string;
  readonly #pool: ReadyProcesses;
  #taken: { ready: ReadyProcess; link: string; limits: Disposable } | null = null;

  constructor(path: string, pool = shared) {
    this.#path = path;
    this.#pool = pool;
  }

  /** The result of a stage; rejects as `runInSandbox` does. */
  async run<Task extends InspectionTask>(
    task: Task,
    { memory, timeout, onProgress }: Pick<SandboxLimits, 'memory' | 'timeout' | 'onProgress'>,
  ): Promise<StageResults[Task['stage']]> {
    // It may have ended meanwhile.
    if (this.#taken?.ready.process.isOpen === false) await this[Symbol.asyncDispose]();
    this.#taken ??= await this.#take(memory, timeout);
    const { ready, link } = this.#taken;
    const last = await ready.process.exchange(
      { ...task, inputs: [{ path: this.#path, link }] },
      {
        time: timeout,
        isLast: (answer): answer is Outcome => !('progress' in answer),
        onAnswer(answer) {
          if ('progress' in answer && typeof answer.progress === 'number') onProgress?.(answer.progress);
        },
      },
    );
    if (!(last instanceof ProcessEnd) && 'result' in last) return last.result as StageResults[Task['stage']];
    await this[Symbol.asyncDispose]();
    if (last instanceof ProcessEnd) throw endedWithout(last, { memory, timeout });
    return answered(last) as never;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const taken = this.#taken;
    this.#taken = null;
    taken?.limits[Symbol.dispose]();
    await taken?.ready.end();
  }

  async #take(memory: number, timeout: number) {
    const taken = await this.#pool.take();
    try {
      // Also between two tasks, while the service writes down what the first one found.
      const limits = taken.process.enforce({ memory, time: 2 * timeout });
      return { ready: taken, link: await taken.give(this.#path), limits };
    } catch (error) {
      await taken.end();
      throw error;
    }
  }
}
