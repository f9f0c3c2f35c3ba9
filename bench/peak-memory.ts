import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 250;

/** Which processes are told apart, by a part of their command line. The first that matches names the process. */
export type ProcessNames = readonly (readonly [name: string, mark: string])[];

/** Watches the processes below one process, and keeps the peak resident memory of each kind (Linux: `VmHWM`). */
export class PeakMemory {
  readonly #root: number;
  readonly #names: ProcessNames;
  readonly #peaks = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(root: number, names: ProcessNames, everyMs = EVERY_MS) {
    this.#root = root;
    this.#names = names;
    this.#timer = setInterval(() => this.#sample(), everyMs);
  }

  /** Bytes by name. */
  stop(): Map<string, number> {
    clearInterval(this.#timer);
    return this.#peaks;
  }

  #sample(): void {
    for (const pid of this.#tree()) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        const name = this.#names.find(([, mark]) => command.includes(mark))?.[0];
        if (name === undefined) continue;
        const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
        this.#peaks.set(name, Math.max(peak, this.#peaks.get(name) ?? 0));
      } catch {
        // It ended between two looks.
      }
    }
  }

  #tree(): number[] {
    const children = new Map<number, number[]>();
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const fields = readFileSync(`/proc/${entry}/stat`, 'latin1').split(') ')[1]?.split(' ');
        const parent = Number(fields?.[1]);
        children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
      } catch {
        // As above.
      }
    }
    const found = [this.#root];
    for (const pid of found) found.push(...(children.get(pid) ?? []));
    return found;
  }
}
