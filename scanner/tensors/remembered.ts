import { findOperandEnd } from './operands.ts';

const STOP = 0x2e;
const GET = 0x67;
const BINGET = 0x68;
const LONG_BINGET = 0x6a;
const MEMOIZE = 0x94;

/**
 * The numbers under which a pickle fetches what it remembered. Null where that does not tell what need not be
 * remembered: MEMOIZE counts what is, and a number as text can be written in many ways.
 */
export function listFetched(bytes: Uint8Array, view: DataView): ReadonlySet<number> | null {
  const fetched = new Set<number>();
  for (let at = 0; at < bytes.length; ) {
    const opcode = bytes[at] ?? 0;
    const end = findOperandEnd(bytes, view, opcode, at + 1);
    if (end > bytes.length || opcode === MEMOIZE || opcode === GET) return null;
    if (opcode === STOP) return fetched;
    if (opcode === BINGET) fetched.add(view.getUint8(at + 1));
    else if (opcode === LONG_BINGET) fetched.add(view.getUint32(at + 1, true));
    at = end;
  }
  return null;
}
