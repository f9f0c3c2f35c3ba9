import { COST } from '../cost.ts';
import type { HandlerGroup } from './handler.ts';

/** Values that can be buffers, the result of a call among them. */
const BUFFERS: ReadonlySet<string> = new Set(['opaque', 'bytes', 'bytearray', 'call']);

/** Opcodes that refer to data outside the pickle: persistent ids and out-of-band buffers. */
export const OUT_OF_BAND = {
  PERSID: (machine) => {
    machine.suspicious(
      'pickle/persistent-id',
      'The pickle refers to external data by a string, which model files do not do.',
    );
    machine.charge(COST.number);
    machine.push({ kind: 'opaque', what: 'external data' });
  },
  BINPERSID: (machine) => {
    const id = machine.pop();
    machine.charge(COST.persistent);
    machine.push(machine.judge.persistent(id, machine.place));
  },
  NEXT_BUFFER: (machine) => {
    machine.suspicious('pickle/buffer', 'The pickle needs external buffers, which a file cannot provide.');
    machine.charge(COST.number);
    machine.push({ kind: 'opaque', what: 'a buffer' });
  },
  READONLY_BUFFER: (machine) => {
    if (BUFFERS.has(machine.top().kind))
      machine.suspicious('pickle/buffer', 'The pickle makes a buffer read-only, which model files do not do.');
    else machine.broken('a value that is not a buffer is used as one');
  },
} as const satisfies HandlerGroup;
