import { findOperandEnd, OPCODES, type Opcode, type OpcodeName } from '../opcodes.ts';
import type { Handler } from './handlers/handler.ts';
import { HANDLERS } from './handlers/index.ts';
import { nextOffset } from './joblib-arrays.ts';
import { MachineState } from './state.ts';
import type { MachineContext, PickleRun, PickleStep } from './types.ts';

/** Opcodes between two looks at the clock. */
const DEADLINE_EVERY = 0x4000;
/** These check their arguments, which may be large: the clock is read after each. */
const COSTLY: ReadonlySet<OpcodeName> = new Set(['REDUCE', 'NEWOBJ', 'NEWOBJ_EX', 'OBJ', 'INST', 'BUILD']);

interface Instruction extends Opcode {
  handle: Handler;
  isLine: boolean;
  isCostly: boolean;
}

/** By byte. */
const INSTRUCTIONS: readonly (Instruction | undefined)[] = Array.from({ length: 0x100 }, (_, byte) => {
  const opcode = OPCODES.get(byte);
  if (opcode === undefined) return undefined;
  const isLine = opcode.operand === 'line' || opcode.operand === 'two-lines';
  return { ...opcode, handle: HANDLERS[opcode.name], isLine, isCostly: COSTLY.has(opcode.name) };
});

/**
 * Reads one pickle from `start` on as Python's C unpickler would (CPython `Modules/_pickle.c`), with descriptions in
 * place of values. Total: whatever the bytes are, it ends and reports what it found. What a loader would have executed
 * before a stream breaks is judged before the break is found.
 */
export function runPickle(bytes: Uint8Array, start: number, context: MachineContext): PickleRun {
  const machine = new MachineState(bytes, start, context, runNested);
  const run = execute(machine);
  trace(machine, run.end, run.end, 'end');
  return run;
}

/** Arrays inside an array are not joblib's, and memory is shared with the outer pickle. */
function runNested(outer: MachineState, start: number): PickleRun {
  const { onArray: _, ...context } = outer.context;
  const limits = { ...context.limits, heldBytes: Math.max(0, context.limits.heldBytes - outer.held) };
  return runPickle(outer.bytes, start, { ...context, limits });
}

function execute(machine: MachineState): PickleRun {
  const { bytes, stack, marks, memo, judge, context } = machine;
  const { limits } = context;
  let at = machine.start;
  for (let count = 1; ; count += 1) {
    if (at >= bytes.length) {
      machine.moveTo(at, 'end');
      machine.malformed('pickle/truncated', 'The file ends within its pickle. Probably an incomplete download.');
      return ended(machine, at);
    }
    const byte = bytes[at] ?? 0;
    const instruction = INSTRUCTIONS[byte];
    if (instruction === undefined) {
      machine.moveTo(at, `0x${byte.toString(16).padStart(2, '0')}`);
      machine.malformed(
        'pickle/unknown-opcode',
        `The pickle cannot be read further: 0x${byte.toString(16)} is not an instruction.`,
      );
      return ended(machine, at);
    }
    machine.moveTo(at, instruction.name);
    const end = findOperandEnd(bytes, instruction.operand, at + 1);
    if (end === null) {
      machine.malformed('pickle/truncated', 'The pickle ends within an instruction. Probably an incomplete download.');
      return ended(machine, at);
    }
    if (instruction.isLine && end - at > limits.lineBytes) return limited(machine, at, `a line of ${end - at} bytes`);
    checkFrame(machine, at, end);
    trace(machine, at, end, instruction.name);
    instruction.handle(machine, at + 1, end);
    if (machine.stopped) return ended(machine, end);
    at = nextOffset(machine, end);
    if (machine.failedNested !== null) return { ...ended(machine, at), limited: machine.failedNested.limited };

    if (count > limits.opcodes) return limited(machine, at, `more than ${limits.opcodes} instructions`);
    if (stack.length > limits.stack) return limited(machine, at, `more than ${limits.stack} values on the stack`);
    if (memo.size > limits.memo) return limited(machine, at, `more than ${limits.memo} values in the memo`);
    if (bytes.length + machine.held + judge.held > limits.heldBytes)
      return limited(machine, at, 'more values than the memory limit of a scan');
    if (marks.length > limits.marks) return limited(machine, at, `more than ${limits.marks} open lists`);
    if ((count % DEADLINE_EVERY === 0 || instruction.isCostly) && Date.now() > context.deadline)
      return limited(machine, at, 'more instructions than the time limit of a scan allows');
  }
}

/** C's reader ignores frames and Python's own does not, so an opcode that crosses one is read in two ways. */
function checkFrame(machine: MachineState, at: number, end: number): void {
  if (at >= machine.frameEnd || end <= machine.frameEnd) return;
  machine.malformed(
    'pickle/frame',
    'An instruction crosses the end of its frame. Different programs may read it differently.',
  );
  machine.frameEnd = 0;
}

function trace(machine: MachineState, offset: number, end: number, opcode: PickleStep['opcode']): void {
  const { stack, marks, memo, context, judge } = machine;
  context.onStep?.({ pickle: judge.pickle, offset, end, opcode, stack, marks, memo });
}

function ended({ result, stopped, shares, held }: MachineState, end: number): PickleRun {
  const integer = result?.kind === 'int' ? result.value : null;
  return { end, complete: stopped, integer, result, shares, held, limited: false };
}

function limited(machine: MachineState, end: number, what: string): PickleRun {
  const { judge, place } = machine;
  judge.report('pickle/limit', 'incomplete', place, `The file was not read to its end: it has ${what}.`);
  return { ...ended(machine, end), limited: true };
}
