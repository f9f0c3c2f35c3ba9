import { Session } from 'node:inspector';

interface ScriptCoverage {
  /** By character: 1 where it stands in a function. */
  inside: Uint8Array;
  /** By character: 1 where it has run. */
  seen: Uint8Array;
}

interface CoveredFunction {
  ranges: readonly { startOffset: number; endOffset: number; count: number }[];
}

/**
 * Which parts of the scanner have run, from V8's own block coverage. It tells of blocks, so an input that takes a branch
 * for the first time is seen without any instrumented build.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #wanted: (url: string) => boolean;
  readonly #scripts = new Map<string, ScriptCoverage>();
  /** Characters of functions that have run. */
  covered = 0;

  constructor(wanted: (url: string) => boolean) {
    this.#wanted = wanted;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** True where something ran since the last call that never ran before; only where it is kept is it known next time. */
  advance({ keep }: { keep: boolean }): boolean {
    let found = 0;
    this.#session.post('Profiler.takePreciseCoverage', (_error, answer) => {
      for (const { url, scriptId, functions } of answer?.result ?? [])
        if (this.#wanted(url)) found += this.#add(scriptId, functions, keep);
    });
    if (keep) this.covered += found;
    return found > 0;
  }

  /** Of all characters in functions that V8 knows of, those that have run: 0 to 1. */
  get share(): number {
    let inside = 0;
    for (const script of this.#scripts.values()) inside += script.inside.reduce((sum, one) => sum + one, 0);
    return inside === 0 ? 0 : this.covered / inside;
  }

  #add(scriptId: string, functions: readonly CoveredFunction[], keep: boolean): number {
    const length = Math.max(0, ...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
    const script = this.#grow(scriptId, length);
    const ran = new Uint8Array(length);
    // Functions and ranges stand inside one another, the outer first; what starts a file is no function of it.
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        if (startOffset === 0) continue;
        ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
        script.inside.fill(1, startOffset, endOffset);
      }
    }
    let found = 0;
    for (let at = 0; at < length; at += 1) {
      if (ran[at] !== 1 || script.seen[at] !== 0) continue;
      found += 1;
      if (keep) script.seen[at] = 1;
    }
    return found;
  }

  #grow(scriptId: string, length: number): ScriptCoverage {
    const known = this.#scripts.get(scriptId);
    if (known !== undefined && known.seen.length >= length) return known;
    const script = { inside: new Uint8Array(length), seen: new Uint8Array(length) };
    if (known !== undefined) {
      script.inside.set(known.inside);
      script.seen.set(known.seen);
    }
    this.#scripts.set(scriptId, script);
    return script;
  }
}
