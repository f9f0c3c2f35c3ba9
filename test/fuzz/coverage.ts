import { Session } from 'node:inspector';

/**
 * Which parts of the scanner have run, from V8's own block coverage. It tells of blocks, so an input that takes a branch
 * for the first time is seen without any instrumented build.
 */
export class Coverage {
  private readonly session = new Session();
  private readonly wanted: (url: string) => boolean;
  /** By function, one byte a character of its source. */
  private readonly seen = new Map<string, Uint8Array>();
  /** Characters of source that have run. */
  covered = 0;

  constructor(wanted: (url: string) => boolean) {
    this.wanted = wanted;
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** True where something ran since the last call that never ran before; only where it is kept is it known next time. */
  advance({ keep }: { keep: boolean }): boolean {
    let found = 0;
    this.session.post('Profiler.takePreciseCoverage', (_error, answer) => {
      for (const script of answer?.result ?? []) {
        if (!this.wanted(script.url)) continue;
        for (const { ranges } of script.functions) found += this.add(script.scriptId, ranges, keep);
      }
    });
    if (keep) this.covered += found;
    return found > 0;
  }

  private add(
    script: string,
    ranges: readonly { startOffset: number; endOffset: number; count: number }[],
    keep: boolean,
  ): number {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return 0;
    const key = `${script}:${whole.startOffset}:${whole.endOffset}`;
    const length = whole.endOffset - whole.startOffset;
    const seen = this.seen.get(key) ?? new Uint8Array(length);
    if (!this.seen.has(key)) this.seen.set(key, seen);
    // Ranges stand inside one another, the outer first.
    const ran = new Uint8Array(length);
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
    let found = 0;
    for (let at = 0; at < length; at += 1) {
      if (ran[at] !== 1 || seen[at] !== 0) continue;
      found += 1;
      if (keep) seen[at] = 1;
    }
    return found;
  }
}
