import { FileError, isSystemError } from '#scanner/errors.ts';
import { checkKept, keepOpen, verifyKept } from '#scanner/opened-files.ts';
import { allowCollection } from '#scanner/release.ts';
import { openFileSource } from '#scanner/source.ts';
import { beBrief, readCommand, writeFully } from '../process/index.ts';
import type { Extra, StageCommand, StageResults, StageTask } from './stages.ts';

const STDOUT = 1;
const PROGRESS_SECONDS = 0.2;
let lastProgress = 0;

type Result = StageResults[StageTask['stage']];
/** Does what a task asks for. */
export type Work = () => Result | Promise<Result>;

/** What a program of the sandbox does with the tasks that it is given. */
export interface StageProgram {
  /** Loads what scanning and identifying take. */
  loadAhead(): Promise<void>;
  /** Loads and opens what a stage takes. No byte of a file is read before its `Work` is called. */
  prepare(task: StageTask): Promise<Work>;
  /** Called before a byte of a file is read. */
  giveUpRights(task: StageTask, extras: readonly Extra[] | undefined): Promise<void>;
}

/** Says how far the task is, from 0 to 1; not too often. */
export function onProgress(progress: number): void {
  // `performance` would take longer to load than a small file to scan.
  const now = process.uptime();
  if (progress < 1 && now - lastProgress < PROGRESS_SECONDS) return;
  lastProgress = now;
  send({ progress });
}

/** Ends this process, wherever it is: one that has the extra begins again. */
export function askFor(extra: Extra): never {
  send({ needs: extra });
  process.exit(0);
}

function send(message: object): void {
  writeFully(STDOUT, `${JSON.stringify(message)}\n`);
}

/**
 * Reads tasks on the same files from standard input, and writes progress and then a result or an error of each to standard
 * output, one JSON value a line. It returns after an error, and when no task follows.
 */
export async function serveTasks({ loadAhead, prepare, giveUpRights }: StageProgram): Promise<void> {
  allowCollection();
  try {
    let isOpen = false;
    for (;;) {
      const command = readCommand<StageCommand>();
      if (command === null) break;
      if ('ahead' in command) {
        await loadAhead();
        continue;
      }
      const { inputs, extras, ...task } = command;
      lastProgress = 0;
      if (!isOpen) await keepOpen(inputs, { isAwaited: task.stage !== 'scan' && task.stage !== 'identify' });
      const work = await prepare(task);
      if (!isOpen) {
        await giveUpRights(task, extras);
        // What there is to load is loaded.
        process.permission?.drop('addon');
        process.permission?.drop('worker');
        // They are open already, and this reads nothing of them.
        beBrief(inputs.reduce((sum, { path }) => sum + openFileSource(path).size, 0));
      }
      isOpen = true;
      const result = await work();
      // What was read may have been changed meanwhile.
      if (task.stage === 'scan') verifyKept();
      else checkKept();
      send({ result });
    }
  } catch (error) {
    if (isSystemError(error, 'ENOSPC')) send({ fault: 'disk_full' });
    // Any other is a fault of ours, with its stack.
    if (!(error instanceof FileError)) throw error;
    send({ error: { name: error.name, message: error.message } });
  }
}
