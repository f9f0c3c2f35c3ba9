import { COST } from '../cost.ts';
import type { HandlerGroup } from './handler.ts';

/** Values that can be buffers, the result of a call among them. */
const BUFFERS: ReadonlySet<string> = new Set(['opaque', 'bytes', 'bytearray', 'call']);

/** Opcodes that refer to data outside the pickle: persistent ids and out-of-band buffers. */
export const OUT_OF_BAND = {
  PERSID: (machine) => {
    machine.suspicious(
      'pickle/persistent-id',
      'The file refers to something outside of it by a text, as no tensor file does.',
    );
    machine.charge(COST.number);
    machine.push({ kind: 'opaque', what: 'something outside the file' });
  },
  BINPERSID: (machine) => {
    const id = machine.pop();
    machine.charge(COST.persistent);
    machine.push(machine.judge.persistent(id, machine.place));
  },
  NEXT_BUFFER: (machine) => {
    machine.suspicious(
      'pickle/buffer',
      'The file expects numbers to be handed over beside it, which no file on disk can do.',
    );
    machine.charge(COST.number);
    machine.push({ kind: 'opaque', what: 'a buffer' });
  },
  READONLY_BUFFER: (machine) => {
    if (BUFFERS.has(machine.top().kind))
      machine.suspicious('pickle/buffer', 'The file closes a buffer against writing, as no tensor file does.');
    else machine.broken('what is no buffer is made one');
  },
} as const satisfies HandlerGroup;
