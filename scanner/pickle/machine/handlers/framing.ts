import type { HandlerGroup } from './handler.ts';

export const FRAMING = {
  PROTO: (machine, from) => {
    const version = machine.bytes[from] ?? 0;
    if (version > 5) {
      machine.suspicious('pickle/protocol', `The file claims a pickle version (${version}) that does not exist.`);
    } else if (from - 1 !== machine.start) {
      machine.suspicious(
        'pickle/protocol',
        'The file states its pickle version in the middle instead of at the beginning.',
      );
    }
  },
  FRAME: (machine, from, end) => {
    const length = Number(machine.view.getBigUint64(from, true));
    if (end < machine.frameEnd || end + length > machine.bytes.length) {
      machine.malformed('pickle/frame', 'A section of the contents is longer than what it stands in.');
    }
    machine.frameEnd = Math.min(end + length, machine.bytes.length);
  },
} as const satisfies HandlerGroup;
