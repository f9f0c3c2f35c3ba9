import { bytesSource, scan } from '#scanner/index.ts';
import { findForbidden } from '../conformance/support/allowed.ts';
import { python, runInert, runMembers, runPlain } from '../conformance/support/python.ts';

/** Starting Python costs as much as hundreds of scans. */
const BATCH = 400;
const MAX_BYTES = 8192;

/** What the scanner calls clean, shown to CPython's own unpickler as well where there is one. */
export class PythonCheck {
  #pending: Uint8Array[] = [];
  /** Files that both have read. */
  compared = 0;
  readonly #onMissed: (bytes: Uint8Array, what: string) => void;

  constructor(onMissed: (bytes: Uint8Array, what: string) => void) {
    this.#onMissed = onMissed;
  }

  add(bytes: Uint8Array): void {
    if (python === null || bytes.length > MAX_BYTES) return;
    this.#pending.push(bytes);
    if (this.#pending.length >= BATCH) this.#flush();
  }

  #flush(): void {
    const all = this.#pending;
    this.#pending = [];
    const isPickle = (bytes: Uint8Array) => ['pickle', 'torch-legacy'].includes(scan(bytesSource(bytes)).container);
    const [pickles, others] = [all.filter(isPickle), all.filter((bytes) => !isPickle(bytes))];
    for (const [files, runs] of [
      [pickles, runInert(pickles)],
      [others, runPlain(others)],
      [others, runMembers(others)],
    ] as const) {
      for (const [index, bytes] of files.entries()) {
        const forbidden = findForbidden(runs[index] ?? { events: [], pickles: 0, error: null });
        if (forbidden !== null) this.#onMissed(bytes, forbidden);
      }
    }
    this.compared += all.length;
  }
}
