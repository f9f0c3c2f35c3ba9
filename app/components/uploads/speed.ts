const WINDOW_MS = 10_000;
/** Longer than this without a byte, and nothing is estimated any more. */
const STALE_MS = 3000;

/** How fast each file goes, over the last ten seconds: an average since the start would count what an earlier visit sent. */
export class SpeedMeter {
  readonly #samples = new Map<string, { at: number; bytes: number }[]>();

  record(id: string, bytes: number, at: number): void {
    const samples = (this.#samples.get(id) ?? []).filter((sample) => at - sample.at <= WINDOW_MS);
    // Another attempt begins at what the server has: less than what was on its way before.
    const last = samples.at(-1);
    if (last !== undefined && bytes < last.bytes) samples.length = 0;
    samples.push({ at, bytes });
    this.#samples.set(id, samples);
  }

  forget(id: string): void {
    this.#samples.delete(id);
  }

  /** Bytes a second; null until there is something to compare, and when nothing has moved lately. */
  speedOf(id: string, now: number): number | null {
    const samples = this.#samples.get(id) ?? [];
    const first = samples[0];
    const last = samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500 || now - last.at > STALE_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
