const FIXED_OPERANDS = new Map<number, number>([
  [0x80, 1], // PROTO
  [0x95, 8], // FRAME
  [0x4a, 4], // BININT
  [0x4b, 1], // BININT1
  [0x4d, 2], // BININT2
  [0x47, 8], // BINFLOAT
  [0x68, 1], // BINGET
  [0x6a, 4], // LONG_BINGET
  [0x71, 1], // BINPUT
  [0x72, 4], // LONG_BINPUT
  [0x82, 1], // EXT1
  [0x83, 2], // EXT2
  [0x84, 4], // EXT4
]);

/** Operands led by their length, as a little-endian number of so many bytes. */
const COUNTED_OPERANDS = new Map<number, number>([
  [0x54, 4], // BINSTRING
  [0x55, 1], // SHORT_BINSTRING
  [0x58, 4], // BINUNICODE
  [0x8c, 1], // SHORT_BINUNICODE
  [0x8d, 8], // BINUNICODE8
  [0x42, 4], // BINBYTES
  [0x43, 1], // SHORT_BINBYTES
  [0x8e, 8], // BINBYTES8
  [0x96, 8], // BYTEARRAY8
  [0x8a, 1], // LONG1
  [0x8b, 4], // LONG4
]);

/** Operands of so many lines of text: FLOAT INT LONG PERSID STRING UNICODE GET PUT, and two for GLOBAL and INST. */
const LINE_OPERANDS = new Map<number, number>([
  [0x46, 1],
  [0x49, 1],
  [0x4c, 1],
  [0x50, 1],
  [0x53, 1],
  [0x56, 1],
  [0x67, 1],
  [0x70, 1],
  [0x63, 2],
  [0x69, 2],
]);

/** Offset behind the operand that begins at `start`; Infinity where its length or its line has no end. */
export function findOperandEnd(bytes: Uint8Array, view: DataView, opcode: number, start: number): number {
  const fixed = FIXED_OPERANDS.get(opcode);
  if (fixed !== undefined) return start + fixed;

  const counted = COUNTED_OPERANDS.get(opcode);
  if (counted !== undefined) {
    if (start + counted > bytes.length) return Number.POSITIVE_INFINITY;
    if (counted === 1) return start + 1 + view.getUint8(start);
    if (counted === 4) return start + 4 + view.getUint32(start, true);
    const length = view.getBigUint64(start, true);
    return length > BigInt(bytes.length) ? Number.POSITIVE_INFINITY : start + 8 + Number(length);
  }

  let end = start;
  for (let line = LINE_OPERANDS.get(opcode) ?? 0; line > 0; line -= 1) {
    const feed = bytes.indexOf(0x0a, end);
    if (feed < 0) return Number.POSITIVE_INFINITY;
    end = feed + 1;
  }
  return end;
}
