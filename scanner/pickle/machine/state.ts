import type { RuleId } from '../../report/index.ts';
import type { Judge, Place } from '../judge.ts';
import { MISSING, type Value } from '../values.ts';
import { COST } from './cost.ts';
import { Memo } from './memo.ts';
import type { MachineContext, PickleRun } from './types.ts';

/**
 * Stack, marks and memo of one pickle. No operation on them can fail, whatever the stream: what is missing is reported
 * and replaced by an opaque value.
 */
export class MachineState {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly context: MachineContext;
  readonly judge: Judge;
  readonly stack: Value[] = [];
  readonly marks: number[] = [];
  readonly memo = new Memo();
  /** Larger integers of which one value is shared: tensors have few different sizes. */
  readonly sharedInts = new Map<number, Value>();
  /** The opcode that is executed, and where it is. */
  offset = 0;
  opcode = '';
  /** True once a value was read from the memo or duplicated. */
  shares = false;
  /** Estimated bytes of memory of all values made so far. Dropped ones count too, because nothing tracks them. */
  held = 0;
  /** Offset behind the current frame. */
  frameEnd = 0;
  /** Offset behind a joblib array, where reading goes on once the frame that the array interrupts has ended. */
  resumeAt: number | null = null;
  /** The run of an object array's pickle that could not be read to its end. */
  failedNested: PickleRun | null = null;
  /** True after STOP. */
  stopped = false;
  result: Value | null = null;
  /** Times in a row that the value last memoized was memoized again. */
  repeatedMemo = 0;
  /** Runs a pickle that is embedded in this one. */
  readonly runNested: (start: number) => PickleRun;
  #mostMarks = 0;
  #isBroken = false;

  constructor(
    bytes: Uint8Array,
    start: number,
    context: MachineContext,
    runNested: (outer: MachineState, start: number) => PickleRun,
  ) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = start;
    this.context = context;
    this.judge = context.judge;
    this.runNested = (offset) => runNested(this, offset);
  }

  /** Where findings of now belong. Made when one is, because there are a great many opcodes and few findings. */
  get place(): Place {
    return { offset: this.offset, opcode: this.opcode };
  }

  moveTo(offset: number, opcode: string): void {
    this.offset = offset;
    this.opcode = opcode;
  }

  /** Adds to the estimate of memory. */
  charge(bytes: number): void {
    this.held += bytes;
  }

  push(value: Value): void {
    this.stack.push(value);
  }

  pushMark(): void {
    this.marks.push(this.stack.length);
    if (this.marks.length <= this.#mostMarks) return;
    this.#mostMarks = this.marks.length;
    this.charge(COST.mark);
  }

  /** Values below the innermost mark are out of reach, as in C. */
  get floor(): number {
    return this.marks.at(-1) ?? 0;
  }

  pop(): Value {
    if (this.stack.length <= this.floor) return this.missing();
    return this.stack.pop() ?? this.missing();
  }

  /** The two topmost values, the lower one first. */
  popTwo(): [Value, Value] {
    const second = this.pop();
    return [this.pop(), second];
  }

  /** The three topmost values, the lowest one first. */
  popThree(): [Value, Value, Value] {
    const third = this.pop();
    const second = this.pop();
    return [this.pop(), second, third];
  }

  /** All values above the innermost mark. */
  popMark(): Value[] {
    const mark = this.marks.pop();
    if (mark === undefined) {
      this.broken('a list ends that was not started');
      return this.stack.splice(0);
    }
    return this.stack.splice(mark);
  }

  top(): Value {
    return this.stack.length > this.floor ? (this.stack.at(-1) ?? this.missing()) : this.missing();
  }

  /** Reports that a value is missing and returns its substitute. */
  missing(): Value {
    this.broken('a value is missing');
    return { kind: 'opaque', what: MISSING };
  }

  /** The operand of a line opcode without its newline, one character per byte. */
  line(from: number, end: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, end - 1 - from).toString('latin1');
  }

  /** Reports the first contradiction in the stream; those that follow from it say nothing new. */
  broken(what: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.malformed('pickle/broken', `The pickle is invalid: ${what}.`);
  }

  malformed(rule: RuleId, message: string): void {
    this.judge.report(rule, 'malformed', this.place, message);
  }

  suspicious(rule: RuleId, message: string): void {
    this.judge.report(rule, 'suspicious', this.place, message);
  }
}
