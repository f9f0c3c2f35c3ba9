import type { Entry } from './queue-entry.ts';
import { isServerThere } from './upload-requests.ts';
import { isActive } from './upload-task.ts';

/** After so long without a byte the server is asked whether it is there: a line can be dead and say nothing. */
const SILENCE_MS = 8000;
const CHECK_MS = 2000;

/** While files are being sent: finds those for which no byte moves because the server is gone. */
export class SilenceWatch {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #onSilent: (entry: Entry) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(entries: ReadonlyMap<string, Entry>, onSilent: (entry: Entry) => void) {
    this.#entries = entries;
    this.#onSilent = onSilent;
  }

  /** Runs while anything is being sent. */
  update(): void {
    const isSending = [...this.#entries.values()].some(({ task }) => isActive(task.state));
    if (isSending) this.#timer ??= setInterval(() => void this.#check(), CHECK_MS);
    else this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #check(): Promise<void> {
    const silent = [...this.#entries.values()]
      .filter(({ task: { state } }) => 'movedAt' in state && Date.now() - state.movedAt > SILENCE_MS)
      .map((entry) => ({ entry, run: entry.run, state: entry.task.state }));
    if (silent.length === 0 || (await isServerThere())) return;
    for (const { entry, run, state } of silent) {
      if (entry.run === run && entry.task.state === state) this.#onSilent(entry);
    }
  }
}
