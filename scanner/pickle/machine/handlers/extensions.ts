import { COST } from '../cost.ts';
import type { MachineState } from '../state.ts';
import type { HandlerGroup } from './handler.ts';

/** Opcodes that import a name by its number in the extension registry (CPython `copyreg`). */
export const EXTENSIONS = {
  EXT1: (machine, from) => pushExtension(machine, machine.view.getUint8(from)),
  EXT2: (machine, from) => pushExtension(machine, machine.view.getUint16(from, true)),
  EXT4: (machine, from) => pushExtension(machine, machine.view.getInt32(from, true)),
} as const satisfies HandlerGroup;

function pushExtension(machine: MachineState, code: number): void {
  machine.judge.report(
    'pickle/extension',
    'dangerous',
    machine.place,
    `Loading this file imports a Python object by a number (${code}), which hides its name.`,
  );
  machine.charge(COST.text);
  machine.push({ kind: 'opaque', what: `extension ${code}` });
}
