import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import { plain } from './format-option.ts';

const NAME_WIDTH = 32;

export interface ProgressBar {
  /** 0 to 1. */
  update(fraction: number): void;
  end(): void;
}

/** A bar for one file on standard error, where that is a terminal; nothing elsewhere. */
export function showProgress(verb: string, path: string): ProgressBar {
  if (process.stderr.isTTY !== true) return { update() {}, end() {} };
  const bar = new cliProgress.SingleBar({
    format: `${verb} ${shorten(plain(basename(path)))} {bar} {percentage} %  {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  bar.start(1000, 0);
  return {
    update: (fraction) => bar.update(Math.round(fraction * 1000)),
    end: () => bar.stop(),
  };
}

function shorten(name: string): string {
  return name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name.padEnd(NAME_WIDTH);
}
