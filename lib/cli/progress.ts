import type { FileCount, ProgressBar } from './draw-progress.ts';

export type { ProgressBar };

/** A bar for one file on standard error, where that is a terminal; nothing elsewhere. */
export async function showProgress(verb: string, path: string): Promise<ProgressBar> {
  if (process.stderr.isTTY !== true) return { update() {}, end() {} };
  return (await import('./draw-progress.ts')).drawProgress(verb, path);
}

/** A bar that counts files on standard error, where that is a terminal and there are several; nothing elsewhere. */
export async function showFileCount(verb: string, total: number): Promise<FileCount> {
  if (process.stderr.isTTY !== true || total < 2) {
    return { tick() {}, print: (text) => console.log(text), end() {} };
  }
  return (await import('./draw-progress.ts')).drawFileCount(verb, total);
}
