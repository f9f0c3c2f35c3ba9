/**
 * How an opcode's operand is written (CPython `Lib/pickletools.py`): a number of bytes, a little-endian length of
 * `u1`, `u4` or `u8` and as many bytes, one line, or two lines.
 */
type Operand = number | 'u1' | 'u4' | 'u8' | 'line' | 'two-lines';

/** All opcodes of protocols 0 to 5: byte, name in pickletools, operand. */
const TABLE = [
  ['(', 'MARK', 0],
  ['.', 'STOP', 0],
  ['0', 'POP', 0],
  ['1', 'POP_MARK', 0],
  ['2', 'DUP', 0],
  ['F', 'FLOAT', 'line'],
  ['I', 'INT', 'line'],
  ['J', 'BININT', 4],
  ['K', 'BININT1', 1],
  ['L', 'LONG', 'line'],
  ['M', 'BININT2', 2],
  ['N', 'NONE', 0],
  ['P', 'PERSID', 'line'],
  ['Q', 'BINPERSID', 0],
  ['R', 'REDUCE', 0],
  ['S', 'STRING', 'line'],
  ['T', 'BINSTRING', 'u4'],
  ['U', 'SHORT_BINSTRING', 'u1'],
  ['V', 'UNICODE', 'line'],
  ['X', 'BINUNICODE', 'u4'],
  ['a', 'APPEND', 0],
  ['b', 'BUILD', 0],
  ['c', 'GLOBAL', 'two-lines'],
  ['d', 'DICT', 0],
  ['}', 'EMPTY_DICT', 0],
  ['e', 'APPENDS', 0],
  ['g', 'GET', 'line'],
  ['h', 'BINGET', 1],
  ['i', 'INST', 'two-lines'],
  ['j', 'LONG_BINGET', 4],
  ['l', 'LIST', 0],
  [']', 'EMPTY_LIST', 0],
  ['o', 'OBJ', 0],
  ['p', 'PUT', 'line'],
  ['q', 'BINPUT', 1],
  ['r', 'LONG_BINPUT', 4],
  ['s', 'SETITEM', 0],
  ['t', 'TUPLE', 0],
  [')', 'EMPTY_TUPLE', 0],
  ['u', 'SETITEMS', 0],
  ['G', 'BINFLOAT', 8],
  ['B', 'BINBYTES', 'u4'],
  ['C', 'SHORT_BINBYTES', 'u1'],
  ['\x80', 'PROTO', 1],
  ['\x81', 'NEWOBJ', 0],
  ['\x82', 'EXT1', 1],
  ['\x83', 'EXT2', 2],
  ['\x84', 'EXT4', 4],
  ['\x85', 'TUPLE1', 0],
  ['\x86', 'TUPLE2', 0],
  ['\x87', 'TUPLE3', 0],
  ['\x88', 'NEWTRUE', 0],
  ['\x89', 'NEWFALSE', 0],
  ['\x8a', 'LONG1', 'u1'],
  ['\x8b', 'LONG4', 'u4'],
  ['\x8c', 'SHORT_BINUNICODE', 'u1'],
  ['\x8d', 'BINUNICODE8', 'u8'],
  ['\x8e', 'BINBYTES8', 'u8'],
  ['\x8f', 'EMPTY_SET', 0],
  ['\x90', 'ADDITEMS', 0],
  ['\x91', 'FROZENSET', 0],
  ['\x92', 'NEWOBJ_EX', 0],
  ['\x93', 'STACK_GLOBAL', 0],
  ['\x94', 'MEMOIZE', 0],
  ['\x95', 'FRAME', 8],
  ['\x96', 'BYTEARRAY8', 'u8'],
  ['\x97', 'NEXT_BUFFER', 0],
  ['\x98', 'READONLY_BUFFER', 0],
] as const satisfies readonly (readonly [byte: string, name: string, operand: Operand])[];

export type OpcodeName = (typeof TABLE)[number][1];

export interface Opcode {
  name: OpcodeName;
  operand: Operand;
}

/** By their byte. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  TABLE.map(([byte, name, operand]) => [byte.charCodeAt(0), { name, operand }]),
);

const NEWLINE = 0x0a;
const STOP = 0x2e;
const PREFIX_BYTES = { u1: 1, u4: 4, u8: 8 } as const;

/**
 * The offset behind the operand that starts at `offset`, or null where the bytes end before it does. A length above
 * 2^53 is behind any file's end, so it is null as well.
 */
export function findOperandEnd(bytes: Uint8Array, operand: Operand, offset: number): number | null {
  if (typeof operand === 'number') return offset + operand <= bytes.length ? offset + operand : null;

  if (operand === 'line' || operand === 'two-lines') {
    let end = offset;
    for (let lines = operand === 'line' ? 1 : 2; lines > 0; lines -= 1) {
      const newline = bytes.indexOf(NEWLINE, end);
      if (newline < 0) return null;
      end = newline + 1;
    }
    return end;
  }

  const width = PREFIX_BYTES[operand];
  if (offset + width > bytes.length) return null;
  let length = 0;
  for (let index = width - 1; index >= 0; index -= 1) length = length * 256 + (bytes[offset + index] ?? 0);
  const end = offset + width + length;
  return end <= bytes.length ? end : null;
}

/** The offset behind the STOP of the pickle that starts at `start`, or null where the bytes hold no whole one. */
export function findPickleEnd(bytes: Uint8Array, start = 0): number | null {
  let offset = start;
  while (offset < bytes.length) {
    const byte = bytes[offset] ?? 0;
    const opcode = OPCODES.get(byte);
    if (opcode === undefined) return null;
    const end = findOperandEnd(bytes, opcode.operand, offset + 1);
    if (end === null) return null;
    if (byte === STOP) return end;
    offset = end;
  }
  return null;
}
