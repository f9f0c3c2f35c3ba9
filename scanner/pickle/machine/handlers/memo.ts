import { MISSING } from '../../values.ts';
import { parseMemoKey } from '../literals.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

/** Memo slots for one and the same value; a pickler uses one. */
const MAX_REPEATED_MEMO = 1000;
/** CPython makes room for twice as many slots as the index says (`_Unpickler_MemoPut`): up to here, for 1 MiB. */
const MAX_LOOSE_INDEX = 65_536;

export const MEMO = {
  PUT: (machine, from, end) => put(machine, readKey(machine, from, end)),
  BINPUT: (machine, from) => put(machine, machine.view.getUint8(from)),
  LONG_BINPUT: (machine, from) => put(machine, machine.view.getUint32(from, true)),
  MEMOIZE: (machine) => put(machine, machine.memo.size),
  GET: (machine, from, end) => get(machine, readKey(machine, from, end)),
  BINGET: (machine, from) => get(machine, machine.view.getUint8(from)),
  LONG_BINGET: (machine, from) => get(machine, machine.view.getUint32(from, true)),
} as const satisfies HandlerGroup;

/** The key of PUT and GET. Null where it is none, which is reported. */
function readKey(machine: MachineState, from: number, end: number): number | null {
  const line = machine.line(from, end);
  const key = parseMemoKey(line);
  if (key === null) machine.broken('a memo value has no index');
  else if (String(key) !== line)
    machine.suspicious(
      'pickle/odd-number',
      'A number is written in a way that different programs may read differently.',
    );
  return key;
}

function put(machine: MachineState, key: number | null): void {
  if (key === null) return;
  const { memo } = machine;
  const value = machine.top();
  if (memo.get(memo.size - 1) === value) machine.repeatedMemo += 1;
  if (machine.repeatedMemo === MAX_REPEATED_MEMO) {
    machine.suspicious(
      'pickle/odd-memo',
      'The pickle stores the same value in the memo many times (resource exhaustion).',
    );
  }
  // A pickler counts from zero, and each count takes a byte at least.
  if (key > Math.max(MAX_LOOSE_INDEX, machine.bytes.length)) {
    machine.suspicious(
      'pickle/odd-memo',
      'The pickle stores a value far behind the end of the memo, for which Python allocates all slots (resource exhaustion).',
    );
  }
  machine.charge(memo.set(key, value));
}

function get(machine: MachineState, key: number | null): void {
  const value = key === null ? undefined : machine.memo.get(key);
  if (value === undefined) {
    if (key !== null) machine.broken(`the memo has no entry ${key}`);
    machine.push({ kind: 'opaque', what: MISSING });
    return;
  }
  machine.shares = true;
  machine.push(value);
}
