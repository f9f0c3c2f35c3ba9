import type { Value } from '../../values.ts';
import { COST } from '../cost.ts';
import { build } from '../joblib-arrays.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Opcodes that import names, call them and set the state of the result. */
export const CALLS = {
  GLOBAL: (machine, from, end) => {
    const [module, name] = readNames(machine, from, end);
    machine.push(importNamed(machine, module, name));
  },
  STACK_GLOBAL: (machine) => {
    const [module, name] = machine.popTwo();
    machine.push(
      module.kind === 'str' && name.kind === 'str' && !module.cut && !name.cut
        ? importNamed(machine, module.text, name.text)
        : machine.judge.importComputed(module, name, machine.place),
    );
  },
  INST: (machine, from, end) => {
    const [module, name] = readNames(machine, from, end);
    const args = machine.popMark();
    machine.charge(COST.call + COST.item * args.length);
    machine.push(machine.judge.call(importNamed(machine, module, name), args, machine.place));
  },
  OBJ: (machine) => {
    const [callee = machine.missing(), ...args] = machine.popMark();
    machine.charge(COST.call + COST.item * args.length);
    machine.push(machine.judge.call(callee, args, machine.place));
  },
  REDUCE: callWithTuple,
  NEWOBJ: callWithTuple,
  NEWOBJ_EX: (machine) => {
    const [callee, args, keywords] = machine.popThree();
    call(machine, callee, args, keywords);
  },
  BUILD: (machine, _, end) => build(machine, end),
} as const satisfies HandlerGroup;

function callWithTuple(machine: MachineState): void {
  const [callee, args] = machine.popTwo();
  call(machine, callee, args, null);
}

function call(machine: MachineState, callee: Value, args: Value, keywords: Value | null): void {
  const hasKeywords = keywords !== null && !(keywords.kind === 'dict' && keywords.items.length === 0);
  // A tuple never changes, so its list of items serves the call too.
  const items: readonly Value[] = args.kind !== 'tuple' ? [args] : args.items;
  if (args.kind !== 'tuple') machine.suspicious('pickle/odd-call', 'A call has no argument tuple.');
  machine.charge(COST.call + (hasKeywords ? COST.item * (items.length + 1) : 0));
  machine.push(machine.judge.call(callee, hasKeywords ? [...items, keywords] : items, machine.place));
}

/** Module and name of GLOBAL and INST, each on a line. */
function readNames(machine: MachineState, from: number, end: number): [string | null, string | null] {
  const middle = machine.bytes.indexOf(0x0a, from);
  return [decodeName(machine, from, middle), decodeName(machine, middle + 1, end - 1)];
}

/** Null for what C refuses: an empty line, and invalid UTF-8. */
function decodeName(machine: MachineState, from: number, end: number): string | null {
  if (end <= from) return null;
  try {
    return strict.decode(machine.bytes.subarray(from, end));
  } catch {
    return null;
  }
}

function importNamed(machine: MachineState, module: string | null, name: string | null): Value {
  const limit = machine.context.limits.nameBytes;
  if (module === null || module === '' || name === null || module.length > limit) {
    machine.malformed('pickle/broken', 'The name of a Python object is not valid text.');
    return { kind: 'opaque', what: 'an unreadable name' };
  }
  // No module has so long a name, but a path through attributes can be endless: `path.os.path.os…`.
  if (name.length > limit) {
    machine.judge.report(
      'pickle/import-computed',
      'dangerous',
      machine.place,
      'The file hides which Python object it imports: the name is longer than any real one.',
    );
    return { kind: 'opaque', what: 'an unreadable name' };
  }
  machine.charge(COST.global + 2 * (module.length + name.length));
  return machine.judge.importGlobal(module, name, machine.place);
}
