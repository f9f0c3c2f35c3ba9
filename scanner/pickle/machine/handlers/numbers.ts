import { FALSE, NONE, TRUE, type Value } from '../../values.ts';
import { COST } from '../cost.ts';
import { parseFloat64, parseInteger, parseLittleEndian } from '../literals.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

/** One value for each integer of one and two bytes, so that lists of millions of them are only as large as the list. */
const SMALL_INTS = new Array<Value | undefined>(0x10000);
const MAX_SHARED_INTS = 4096;

export const NUMBERS = {
  NONE: (machine) => machine.push(NONE),
  NEWTRUE: (machine) => machine.push(TRUE),
  NEWFALSE: (machine) => machine.push(FALSE),
  INT: (machine, from, end) => pushIntLine(machine, machine.line(from, end)),
  LONG: (machine, from, end) => pushLongLine(machine, machine.line(from, end)),
  BININT: (machine, from) => pushInt32(machine, machine.view.getInt32(from, true)),
  BININT1: (machine, from) => pushSmallInt(machine, machine.view.getUint8(from)),
  BININT2: (machine, from) => pushSmallInt(machine, machine.view.getUint16(from, true)),
  LONG1: (machine, from, end) => pushLong(machine, machine.bytes.subarray(from + 1, end)),
  LONG4: (machine, from, end) => pushLong(machine, machine.bytes.subarray(from + 4, end)),
  FLOAT: (machine, from, end) => pushFloatLine(machine, machine.line(from, end)),
  BINFLOAT: (machine, from) => {
    machine.charge(COST.number);
    machine.push({ kind: 'float', value: machine.view.getFloat64(from, false) });
  },
} as const satisfies HandlerGroup;

function pushInt(machine: MachineState, value: bigint | null): void {
  machine.charge(COST.number);
  machine.push({ kind: 'int', value });
}

function pushSmallInt(machine: MachineState, number: number): void {
  SMALL_INTS[number] ??= { kind: 'int', value: BigInt(number) };
  machine.push(SMALL_INTS[number]);
}

function pushInt32(machine: MachineState, number: number): void {
  const { sharedInts } = machine;
  const shared = sharedInts.get(number);
  if (number >= 0 && number < SMALL_INTS.length) pushSmallInt(machine, number);
  else if (shared !== undefined) machine.push(shared);
  else {
    pushInt(machine, BigInt(number));
    if (sharedInts.size < MAX_SHARED_INTS) sharedInts.set(number, machine.top());
  }
}

function pushIntLine(machine: MachineState, line: string): void {
  if (line === '00' || line === '01') machine.push(line === '01' ? TRUE : FALSE);
  // `strtol` finds 0 where nothing precedes a NUL.
  else if (line.startsWith('\0')) pushParsed(machine, { value: 0n, odd: true });
  else pushParsed(machine, parseInteger(line, machine.context.limits.numberDigits));
}

function pushLongLine(machine: MachineState, line: string): void {
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  pushParsed(machine, parseInteger(digits, machine.context.limits.numberDigits));
}

function pushParsed(machine: MachineState, number: ReturnType<typeof parseInteger>): void {
  checkSpelling(machine, number);
  pushInt(machine, number?.value ?? null);
}

function pushLong(machine: MachineState, bytes: Uint8Array): void {
  const value = parseLittleEndian(bytes, machine.context.limits.numberBytes);
  // Includes the text that the number is made from, which stays until V8 collects it.
  machine.charge(bytes.length > 8 && value !== null ? 3 * bytes.length : 0);
  if (value === null) machine.suspicious('pickle/odd-number', 'A number is longer than any number in a model.');
  pushInt(machine, value);
}

function pushFloatLine(machine: MachineState, line: string): void {
  const number = parseFloat64(line);
  checkSpelling(machine, number);
  machine.charge(COST.number);
  machine.push({ kind: 'float', value: number?.value ?? Number.NaN });
}

function checkSpelling(machine: MachineState, number: { odd: boolean } | null): void {
  if (number === null) machine.broken('a number is invalid');
  else if (number.odd)
    machine.suspicious(
      'pickle/odd-number',
      'A number is written in a way that different programs may read differently.',
    );
}
