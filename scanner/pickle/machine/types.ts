import type { PickleLimits } from '../../limits.ts';
import type { Judge, Place } from '../judge.ts';
import type { OpcodeName } from '../opcodes.ts';
import type { Value } from '../values.ts';
import type { Memo } from './memo.ts';

/** Where the bytes of a joblib array are in a pickle: offset of the first byte, and the one behind the last. */
export interface ArrayPlace {
  start: number;
  end: number;
  /** True where they are a pickle of their own. */
  holdsObjects: boolean;
}

/** What one run needs besides the bytes. */
export interface MachineContext {
  judge: Judge;
  limits: PickleLimits;
  /** Milliseconds since the epoch at which reading ends. */
  deadline: number;
  /** Called with each byte string, which may be a pickle itself. */
  onBytes(bytes: Uint8Array, place: Place): void;
  /** Called before each opcode is executed, and at the end. */
  onStep?: ((step: PickleStep) => void) | undefined;
  /** Called for each joblib array. Without it a pickle is read as every other loader does: arrays are not skipped. */
  onArray?: (array: ArrayPlace) => void;
}

export interface PickleRun {
  /** Offset behind the last byte that was read as part of this pickle. */
  end: number;
  /** True where it was read to its STOP. */
  complete: boolean;
  /** The integer that the pickle consists of, if it does: legacy torch files begin with two such. */
  integer: bigint | null;
  result: Value | null;
  /** True where a value was read from the memo or duplicated: only then can the result be larger than the file. */
  shares: boolean;
  /** Estimated bytes of memory of its values. */
  held: number;
  /** True where a limit ended the reading. */
  limited: boolean;
}

/** The machine before one opcode. Stack and memo are the machine's own and change with the next opcode: copy what is kept. */
export interface PickleStep {
  /** Index of the pickle among those that follow each other. */
  pickle: number;
  /** Bytes of the opcode with its operand, from the start of what is analysed: `offset` up to `end`. */
  offset: number;
  end: number;
  /** `end` when no opcode follows. */
  opcode: OpcodeName | 'end';
  stack: readonly Value[];
  /** Stack heights at which marks were set. */
  marks: readonly number[];
  memo: Pick<Memo, 'size' | 'get'>;
}
