import type { HandlerGroup } from './handler.ts';

export const FRAMING = {
  PROTO: (machine, from) => {
    const version = machine.bytes[from] ?? 0;
    if (version > 5) {
      machine.suspicious('pickle/protocol', `The pickle has an unknown protocol version (${version}).`);
    } else if (from - 1 !== machine.start) {
      machine.suspicious(
        'pickle/protocol',
        'The pickle states its protocol version in the middle instead of at the start.',
      );
    }
  },
  FRAME: (machine, from, end) => {
    const length = Number(machine.view.getBigUint64(from, true));
    if (end < machine.frameEnd || end + length > machine.bytes.length) {
      machine.malformed('pickle/frame', 'A frame is longer than the data that contains it.');
    }
    machine.frameEnd = Math.min(end + length, machine.bytes.length);
  },
} as const satisfies HandlerGroup;
