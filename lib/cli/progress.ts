export interface ProgressBar {
  /** 0 to 1. */
  update(fraction: number): void;
  end(): void;
}

/** A bar for one file on standard error, where that is a terminal; nothing elsewhere. */
export async function showProgress(verb: string, path: string): Promise<ProgressBar> {
  if (process.stderr.isTTY !== true) return { update() {}, end() {} };
  return (await import('./draw-progress.ts')).drawProgress(verb, path);
}

export interface FileCount {
  /** One more file is done. */
  tick(path: string): void;
  /** Prints a text on standard output, above the bar. */
  print(text: string): void;
  end(): void;
}

/** A bar that counts files on standard error, where that is a terminal and there are several; nothing elsewhere. */
export async function showFileCount(verb: string, total: number): Promise<FileCount> {
  if (process.stderr.isTTY !== true || total < 2) {
    return { tick() {}, print: (text) => console.log(text), end() {} };
  }
  return (await import('./draw-progress.ts')).drawFileCount(verb, total);
}
