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
    if (machine.result === null) machine.broken('no value is left to load');
    else if (stack.length > 0 || marks.length > 0) {
      machine.suspicious(
        'pickle/leftover',
        'The pickle leaves unused values on the stack. Manually edited pickles do this.',
      );
    }
  },
} as const satisfies HandlerGroup;
