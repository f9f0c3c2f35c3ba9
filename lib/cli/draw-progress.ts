import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import { plain } from './terminal-text.ts';

const NAME_WIDTH = 32;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ProgressBar {
  /** 0 to 1. */
  update(fraction: number): void;
  end(): void;
}

/** A bar for one file on standard error, which is a terminal. */
export function drawProgress(verb: string, path: string): ProgressBar {
  const bar = new cliProgress.SingleBar({
    format: `${verb} ${shorten(plain(basename(path)))} {bar} {percentage} %  {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
    gracefulExit: false,
  });
  const removeHandlers = stopOnSignal(bar);
  bar.start(1000, 0);
  return {
    update: (fraction) => bar.update(Math.round(fraction * 1000)),
    end: () => {
      removeHandlers();
      bar.stop();
    },
  };
}

export interface FileCount {
  /** One more file is done. */
  tick(path: string): void;
  /** Prints a text on standard output, above the bar. */
  print(text: string): void;
  end(): void;
}

/** A bar that counts files on standard error, which is a terminal. */
export function drawFileCount(verb: string, total: number): FileCount {
  const bar = new cliProgress.SingleBar({
    format: `${verb} {bar} {value}/{total}  {name}`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
    gracefulExit: false,
  });
  const removeHandlers = stopOnSignal(bar);
  let done = 0;
  let name = '';
  bar.start(total, 0, { name });
  return {
    tick: (path) => {
      done += 1;
      name = shorten(plain(basename(path)));
      bar.update(done, { name });
    },
    print: (text) => {
      // The bar goes and comes back below: it clears the line in which it was begun, wherever that has moved to.
      if (process.stdout.isTTY === true) bar.stop();
      console.log(text);
      if (process.stdout.isTTY === true) bar.start(total, done, { name });
    },
    end: () => {
      removeHandlers();
      bar.stop();
    },
  };
}

/**
 * Gives the terminal its cursor and its long lines back when the command is stopped, and lets it end by the signal where
 * nothing else answers that. Returns what takes this back. (The bar's own `gracefulExit` lets the command go on.)
 */
function stopOnSignal(bar: cliProgress.SingleBar): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      bar.stop();
      removeHandlers();
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    return [signal, handler] as const;
  });
  const removeHandlers = () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return removeHandlers;
}

function shorten(name: string): string {
  return name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name.padEnd(NAME_WIDTH);
}
