import type { PickleLimits } from '../limits.ts';
import type { RuleId } from '../report/index.ts';
import type { Judge, Place } from './judge.ts';
import { parseMemoKey } from './literals.ts';
import { Memo } from './memo.ts';
import { MISSING, type Value } from './values.ts';

/** Where the bytes of an array stand in a pickle of joblib: offsets of the first and behind the last. */
export interface ArrayPlace {
  start: number;
  end: number;
  /** True where they are a pickle of their own. */
  holdsObjects: boolean;
}

/** What is looked at besides the one pickle. */
export interface MachineContext {
  judge: Judge;
  limits: PickleLimits;
  /** Milliseconds since the epoch at which reading ends. */
  deadline: number;
  /** Bytes of a byte string, which may be a pickle themselves. */
  onBytes(bytes: Uint8Array, place: Place): void;
  /** Told of each opcode before it is carried out, and of the end. */
  onStep?: ((step: PickleStep) => void) | undefined;
  /** Told where the numbers of an array stand. Without it a pickle is read as joblib alone does not: arrays are no bytes to step over. */
  onArray?: (array: ArrayPlace) => void;
}

export interface PickleRun {
  /** Offset behind the last byte that was read as part of this pickle. */
  end: number;
  /** True where it was read to its STOP. */
  complete: boolean;
  /** The number that the pickle is, where it is one: legacy torch files begin with two such. */
  integer: bigint | null;
  result: Value | null;
  /** Values that were got from the memo or doubled: only then can the result be larger than the file. */
  shares: boolean;
  /** Bytes of memory that its values took, as it is reckoned. */
  held: number;
  /** True where a limit ended the reading. */
  limited: boolean;
}

/** The machine before one opcode. Stack and memo are the machine's own, which go on changing: look, keep nothing. */
export interface PickleStep {
  /** Which of the pickles that stand one after the other, from 0. */
  pickle: number;
  /** Bytes of the opcode with its operand, from the start of what is analysed: `offset` up to `end`. */
  offset: number;
  end: number;
  /** Its name in pickletools; `end` when no opcode follows. */
  opcode: string;
  stack: readonly Value[];
  /** Heights of the stack at which lists were begun. */
  marks: readonly number[];
  memo: Pick<Memo, 'size' | 'get'>;
}

/** Bytes of memory, as V8 lays values out. */
export const COST = {
  number: 72,
  container: 96,
  /** One that begins empty: V8 makes room for 17 with the first that is put in. */
  growing: 240,
  /** An entry of a list that grows, which has room to spare; `fixed` is one of a tuple, which has none. */
  item: 16,
  fixed: 8,
  text: 72,
  bytes: 200,
  global: 200,
  call: 80,
  /** What a call takes more with the first entry that is put into it. */
  added: 184,
  persistent: 96,
  /** A list that grows is copied meanwhile. */
  mark: 24,
} as const;

/** Memo slots for one and the same value; a pickler makes one. */
const MAX_REPEATED_MEMO = 1000;

/** Stack, marks and memo of one pickle, none of which a hostile stream can make fail: what is missing is said and stood in for. */
export class MachineState {
  protected readonly bytes: Uint8Array;
  protected readonly view: DataView;
  protected readonly start: number;
  protected readonly context: MachineContext;
  protected readonly judge: Judge;
  protected stack: Value[] = [];
  protected marks: number[] = [];
  protected readonly memo = new Memo();
  private mostMarks = 0;
  protected repeatedMemo = 0;
  protected shares = false;
  protected place: Place = { offset: 0, opcode: '' };
  protected brokenReported = false;
  /** Bytes that the values made so far take, as it is reckoned. What was dropped again counts: nobody looks after it. */
  protected held = 0;

  constructor(bytes: Uint8Array, start: number, context: MachineContext) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = start;
    this.context = context;
    this.judge = context.judge;
  }

  protected pushMark(): void {
    this.marks.push(this.stack.length);
    if (this.marks.length <= this.mostMarks) return;
    this.mostMarks = this.marks.length;
    this.hold(COST.mark);
  }

  protected hold(bytes: number): void {
    this.held += bytes;
  }

  /** Values below the innermost mark are out of reach, as in C. */
  protected get floor(): number {
    return this.marks.at(-1) ?? 0;
  }

  protected pop(): Value {
    if (this.stack.length <= this.floor) return this.missing();
    return this.stack.pop() ?? this.missing();
  }

  protected popSome(count: number): Value[] {
    // A list that grows from its front takes several times the room of one that is cut off.
    if (this.stack.length - count >= this.floor) return this.stack.splice(this.stack.length - count);
    const values: Value[] = [];
    for (let index = 0; index < count; index += 1) values.unshift(this.pop());
    return values;
  }

  protected popMark(): Value[] {
    const mark = this.marks.pop();
    if (mark === undefined) {
      this.broken('a list ends that never began');
      return this.stack.splice(0);
    }
    return this.stack.splice(mark);
  }

  protected top(): Value {
    return this.stack.length > this.floor ? (this.stack.at(-1) ?? this.missing()) : this.missing();
  }

  protected missing(): Value {
    this.broken('a value is missing');
    return { kind: 'opaque', what: MISSING };
  }

  protected memoKey(from: number, end: number): number | null {
    const line = this.line(from, end);
    const key = parseMemoKey(line);
    if (key === null) this.broken('a remembered value has no number');
    else if (String(key) !== line)
      this.suspicious('pickle/odd-number', 'A number is written in a way that programs read differently.');
    return key;
  }

  protected put(key: number | null): void {
    if (key === null) return;
    const value = this.top();
    if (this.memo.get(this.memo.size - 1) === value) this.repeatedMemo += 1;
    if (this.repeatedMemo === MAX_REPEATED_MEMO) {
      this.suspicious(
        'pickle/odd-memo',
        'The file remembers one value over and over, which only wears its reader out.',
      );
    }
    this.hold(this.memo.set(key, value));
  }

  protected get(key: number | null): void {
    const value = key === null ? undefined : this.memo.get(key);
    if (value === undefined) {
      if (key !== null) this.broken(`nothing is remembered under ${key}`);
      this.stack.push({ kind: 'opaque', what: MISSING });
      return;
    }
    this.shares = true;
    this.stack.push(value);
  }

  protected line(from: number, end: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, end - 1 - from).toString('latin1');
  }

  protected broken(what: string): void {
    if (this.brokenReported) return;
    this.brokenReported = true;
    this.malformed('pickle/broken', `The contents contradict themselves: ${what}.`);
  }

  protected malformed(rule: RuleId, message: string): void {
    this.judge.report(rule, 'malformed', this.place, message);
  }

  protected suspicious(rule: RuleId, message: string): void {
    this.judge.report(rule, 'suspicious', this.place, message);
  }
}
