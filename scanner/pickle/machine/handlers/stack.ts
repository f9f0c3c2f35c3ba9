import type { HandlerGroup } from './handler.ts';

export const STACK = {
  MARK: (machine) => machine.pushMark(),
  POP: (machine) => {
    const { marks, stack } = machine;
    // CPython removes the mark where no value is above it.
    if (marks.at(-1) === stack.length && marks.length > 0) marks.pop();
    else machine.pop();
  },
  POP_MARK: (machine) => {
    machine.popMark();
  },
  DUP: (machine) => {
    machine.shares = true;
    machine.push(machine.top());
  },
  STOP: (machine) => {
    const { marks, stack } = machine;
    machine.stopped = true;
    machine.result = stack.length > 0 ? machine.pop() : null;
    if (machine.result === null) machine.broken('nothing is left to be loaded');
    else if (stack.length > 0 || marks.length > 0) {
      machine.suspicious(
        'pickle/leftover',
        'The file makes values that it then leaves lying. Picklers do not; people who edit pickles do.',
      );
    }
  },
} as const satisfies HandlerGroup;
