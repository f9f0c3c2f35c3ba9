import { CallMachine } from './call-machine.ts';
import { isArrayWrapper, readRawArray } from './joblib.ts';
import type { PickleRun } from './machine-state.ts';
import type { GlobalValue, Value } from './values.ts';

/** What joblib fills up with, to a place that a processor likes; at most this many bytes. */
const FILLER = 0xff;
const MAX_FILLER = 64;
/** Stands in place of what made the array: an array like every other. */
const ARRAY: GlobalValue = {
  kind: 'global',
  name: 'numpy.ndarray',
  canonical: 'numpy.core.multiarray._reconstruct',
  class: 'allowed',
};

/** Reads arrays as joblib writes them: raw, in the middle of the pickle, behind the BUILD of what describes them. */
export abstract class ArrayMachine extends CallMachine {
  /** Where the file stands while a section that was read from it is still being worked through. */
  private fileAt: number | null = null;
  /** The pickle of an object array that could not be read to its end. */
  protected failedInside: PickleRun | null = null;

  /** Reads a pickle that stands by itself inside this one. */
  protected abstract runInside(start: number): PickleRun;

  protected build(end: number): void {
    const [state] = this.popSome(1) as [Value];
    const target = this.top();
    // The size of an array's elements, and whether they are objects, is in it.
    if (target.kind === 'call' && target.callee.kind === 'global' && target.callee.canonical === 'numpy.dtype')
      target.state = state;
    this.judge.build(target, state, this.place);
    if (this.context.onArray !== undefined && isArrayWrapper(target)) this.readArray(state, end);
  }

  /** Where the next opcode stands. */
  protected next(end: number): number {
    if (this.fileAt === null || end < this.frameEnd) return end;
    const at = this.fileAt;
    this.fileAt = null;
    return at;
  }

  private readArray(state: Value, end: number): void {
    const array = readRawArray(state);
    if (array === null) {
      this.malformed(
        'pickle/array',
        'An array is described in a way that contradicts itself or that joblib never writes.',
      );
      return;
    }
    // The numbers come from the file itself, and a section was taken from it as a whole.
    if (end < this.frameEnd)
      this.malformed('pickle/frame', 'An array begins before its section ends. Programs disagree on how to read it.');
    const start = this.fileAt ?? Math.max(end, this.frameEnd);
    this.fileAt = array.bytes === null ? this.readObjects(start) : this.stepOver(start, array.bytes, array.isPadded);
    this.context.onArray?.({ start, end: this.fileAt, holdsObjects: array.bytes === null });
    this.stack.pop();
    this.stack.push({ kind: 'call', callee: ARRAY, args: [], added: null, trusted: true });
  }

  private readObjects(start: number): number {
    this.suspicious('pickle/array', 'An array holds Python objects, in a pickle of its own. Weights are numbers.');
    const run = this.runInside(start);
    if (!run.complete) this.failedInside = run;
    return run.end;
  }

  private stepOver(start: number, bytes: number, isPadded: boolean): number {
    const filler = isPadded ? (this.bytes[start] ?? 0) : 0;
    const from = start + (isPadded ? 1 : 0);
    const isUsual = filler <= MAX_FILLER && this.bytes.subarray(from, from + filler).every((byte) => byte === FILLER);
    if (!isUsual)
      this.suspicious('pickle/array', 'Before the numbers of an array stand bytes that joblib does not write there.');
    return Math.min(from + filler + bytes, this.bytes.length + 1);
  }
}
