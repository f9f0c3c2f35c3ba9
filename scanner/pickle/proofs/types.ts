import type { RuleId } from '../../report/index.ts';
import type { IndexCheck } from '../index-checks.ts';
import type { GlobalValue, Made, TensorRecord, Value } from '../values.ts';

/** What is wrong with how a name is used. */
export interface Misuse {
  severity: 'suspicious' | 'malformed' | 'incomplete' | 'dangerous';
  reason: string;
  /** Where it is not that of all misuses. */
  rule?: RuleId;
}

/** A use that is as it should be, and what must still hold once the bytes of the file are looked at. */
export interface Proven {
  /** What is made. */
  made?: Made;
  /** Bytes of memory that are taken beyond those of the arguments. */
  allocates?: number;
  tensors?: readonly TensorRecord[];
  checks?: readonly IndexCheck[];
}

/** Null where the use has not the form that is required: what is not understood is not proven. */
export type Outcome = Proven | Misuse | null;

export interface CallContext {
  callee: GlobalValue;
  /** Byte of the call in the pickle. */
  at: number;
  /** Proves a call inside the call, for the rebuild functions that take a function. */
  prove(callee: GlobalValue, args: readonly Value[]): Proven | Misuse;
}

/** Says whether these are arguments that a model file gives. */
export type CallProof = (args: readonly Value[], context: CallContext) => Outcome;

/** One form of arguments, in words and as a check of it. */
export interface Requirement {
  /** Continues "Model files call it with". */
  requires: string;
  prove: CallProof;
}

export const PROVEN: Proven = {};

export function isMisuse(outcome: Proven | Misuse): outcome is Misuse {
  return 'reason' in outcome;
}

export const ALARM: Misuse = { severity: 'dangerous', reason: 'This call runs other code.' };

/** Proven where the condition holds. */
export function provenIf(condition: boolean, proven: Proven = PROVEN): Outcome {
  return condition ? proven : null;
}

/** A number, an array or a text of which the work or the memory is beyond what the file is. */
export const TOO_LARGE: Misuse = {
  rule: 'pickle/allocation',
  severity: 'incomplete',
  reason: 'The result is larger, or takes longer to make, than a file of this size needs.',
};
