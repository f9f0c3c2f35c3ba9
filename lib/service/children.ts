import { type ChildProcess, spawn } from 'node:child_process';
import { log } from '../log.ts';

const RESTART_MS = 1000;
const MAX_RESTART_MS = 30_000;
/** A child that ran this long was well, and its next restart is quick again. */
const STABLE_MS = 60_000;
const KILL_AFTER_MS = 15_000;

export interface Child {
  stop(): Promise<void>;
}

export interface ChildOptions {
  name: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Keeps one Node process running: started again when it ends, ever later while it keeps ending, until stopped. */
export function keepRunning({ name, args, env, cwd }: ChildOptions): Child {
  let child: ChildProcess | null = null;
  let stopping = false;
  let pause = RESTART_MS;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = performance.now();
    child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('exit', (code, signal) => {
      child = null;
      if (stopping) return;
      if (performance.now() - startedAt > STABLE_MS) pause = RESTART_MS;
      log('supervisor').error({ name, code, signal, again: pause }, `The ${name} process exited and is restarted.`);
      timer = setTimeout(start, pause);
      pause = Math.min(pause * 2, MAX_RESTART_MS);
    });
  };
  start();

  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running === null) return;
      const ended = new Promise((done) => running.once('exit', done));
      running.kill('SIGTERM');
      const deadline = setTimeout(() => running.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(deadline);
    },
  };
}
