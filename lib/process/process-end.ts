/**
 * Why a process ended. `itself`: by its own doing or the system's, as its exit code or signal says. `heap`: V8 had no room
 * left. `start`: it could not be started. The others are this side's doing: a limit of memory or time, an answer that was
 * too long, a cancellation, or because it was no longer wanted.
 */
export type EndCause = 'itself' | 'heap' | 'start' | 'memory' | 'time' | 'answer-size' | 'cancelled' | 'stopped';

/** How a process ended. */
export class ProcessEnd {
  readonly cause: EndCause;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to its standard error, for operators. */
  readonly log: string;

  constructor(
    cause: EndCause,
    {
      code = null,
      signal = null,
      log = '',
    }: { code?: number | null; signal?: NodeJS.Signals | null; log?: string } = {},
  ) {
    this.cause = cause;
    this.code = code;
    this.signal = signal;
    this.log = log;
  }

  /** Its signal or exit code, in words. */
  get how(): string {
    return this.signal ?? `exit code ${this.code}`;
  }
}
