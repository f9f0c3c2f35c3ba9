import { isArrayWrapper, readRawArray } from '../joblib.ts';
import type { GlobalValue, Value } from '../values.ts';
import type { MachineState } from './state.ts';

/** joblib aligns arrays with this byte, at most so many times. */
const PADDING = 0xff;
const MAX_PADDING = 64;
/** Replaces the wrapper that described the array: an array like any other. */
const ARRAY: GlobalValue = {
  kind: 'global',
  name: 'numpy.ndarray',
  module: 'numpy',
  canonical: 'numpy.core.multiarray._reconstruct',
  class: 'allowed',
};

/**
 * Executes BUILD. joblib writes an array as raw bytes in the middle of the pickle, behind the BUILD of the object that
 * describes it: those bytes are skipped.
 */
export function build(machine: MachineState, end: number): void {
  const state = machine.pop();
  const target = machine.top();
  machine.judge.build(target, state, machine.place);
  if (machine.context.onArray !== undefined && isArrayWrapper(target)) readArray(machine, state, end);
}

/** Offset of the opcode behind one that ends at `end`. */
export function nextOffset(machine: MachineState, end: number): number {
  if (machine.resumeAt === null || end < machine.frameEnd) return end;
  const at = machine.resumeAt;
  machine.resumeAt = null;
  return at;
}

function readArray(machine: MachineState, state: Value, end: number): void {
  const array = readRawArray(state);
  if (array === null) {
    machine.malformed('pickle/array', 'The description of an array is invalid, or joblib does not write it this way.');
    return;
  }
  // joblib reads the array from the file, behind the frame that was read as a whole.
  if (end < machine.frameEnd)
    machine.malformed(
      'pickle/frame',
      'An array starts before its frame ends. Different programs may read it differently.',
    );
  const start = machine.resumeAt ?? Math.max(end, machine.frameEnd);
  machine.resumeAt =
    array.bytes === null ? readObjects(machine, start) : skipArray(machine, start, array.bytes, array.isPadded);
  machine.context.onArray?.({ start, end: machine.resumeAt, holdsObjects: array.bytes === null });
  machine.stack.pop();
  machine.push({
    kind: 'call',
    callee: ARRAY,
    args: [],
    added: null,
    trusted: true,
    isData: true,
    sealed: true,
    made: null,
  });
}

function readObjects(machine: MachineState, start: number): number {
  machine.suspicious(
    'pickle/array',
    'An array contains Python objects, in a separate pickle. Model weights are numbers.',
  );
  const run = machine.runNested(start);
  if (!run.complete) machine.failedNested = run;
  return run.end;
}

function skipArray(machine: MachineState, start: number, size: number, isPadded: boolean): number {
  const { bytes } = machine;
  const padding = isPadded ? (bytes[start] ?? 0) : 0;
  const from = start + (isPadded ? 1 : 0);
  const isUsual = padding <= MAX_PADDING && bytes.subarray(from, from + padding).every((byte) => byte === PADDING);
  if (!isUsual) machine.suspicious('pickle/array', 'Before the data of an array are bytes that joblib does not write.');
  return Math.min(from + padding + size, bytes.length + 1);
}
