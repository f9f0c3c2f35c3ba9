import type { OpcodeName } from '../../opcodes.ts';
import type { MachineState } from '../state.ts';

/** Executes one opcode, whose operand is `bytes[from, end)`. */
export type Handler = (machine: MachineState, from: number, end: number) => void;

/** Handlers of related opcodes. */
export type HandlerGroup = Partial<Record<OpcodeName, Handler>>;
