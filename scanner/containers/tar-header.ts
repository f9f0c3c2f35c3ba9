export const TAR_BLOCK = 512;

/** The first block of a member, as far as it says what the member is. */
export interface TarHeader {
  name: string;
  /** Below zero where the header says so. */
  size: number;
  /** One character: `0` or NUL for a file, `5` for a folder, `L` for a long name … */
  type: string;
  /** True where a header of GNU's sparse format goes on in the next block. */
  hasMorePieces: boolean;
}

const CHECKSUM = { start: 148, end: 156 };
/** Numbers that CPython reads of every header (`Lib/tarfile.py`, `TarInfo.frombuf`). */
const NUMBERS: readonly (readonly [start: number, end: number])[] = [
  [100, 108],
  [108, 116],
  [116, 124],
  [124, 136],
  [136, 148],
  [329, 337],
  [337, 345],
];

/**
 * True for a block that programs take for the header of a tar's member: its checksum is the sum of its bytes, as they are
 * or with a sign (CPython `Lib/tarfile.py`, `calc_chksums`; GNU tar `src/list.c`, `tar_checksum`). No accident has it.
 */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < TAR_BLOCK) return false;
  const sum = readTarNumber(block.subarray(CHECKSUM.start, CHECKSUM.end));
  if (sum === null) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < TAR_BLOCK; at += 1) {
    const byte = at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return sum === unsigned || sum === signed;
}

/** Null where CPython calls it invalid. */
export function parseTarHeader(block: Uint8Array): TarHeader | null {
  if (!isTarHeader(block)) return null;
  const numbers = NUMBERS.map(([start, end]) => readTarNumber(block.subarray(start, end)));
  const size = numbers[3];
  if (size === undefined || size === null || numbers.includes(null)) return null;
  const type = String.fromCharCode(block[156] ?? 0);
  const name = text(block.subarray(0, 100));
  const prefix = 'LKS'.includes(type) ? '' : text(block.subarray(345, 500));
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type, hasMorePieces: block[482] !== 0 };
}

/** What a size takes up in an archive. */
export function toBlocks(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

/**
 * A number field: octal digits up to the first NUL, written as Python's `int(text, 8)` takes them, or binary where its
 * first byte is 0x80 or, below zero, 0xff (CPython `nti`). Null where it is neither.
 */
function readTarNumber(field: Uint8Array): number | null {
  if (field[0] === 0x80 || field[0] === 0xff) {
    const digits = Buffer.from(field.subarray(1));
    const value = BigInt(`0x${digits.toString('hex')}`);
    return Number(field[0] === 0x80 ? value : value - 256n ** BigInt(digits.length));
  }
  const trimmed = strip(text(field));
  if (trimmed === '') return 0;
  const match = /^([+-]?)(?:0o_?)?([0-7]+(?:_[0-7]+)*)$/i.exec(trimmed);
  if (match?.[2] === undefined) return null;
  const value = Number.parseInt(match[2].replaceAll('_', ''), 8);
  return match[1] === '-' ? -value : value;
}

/** Without the white space of Python at both ends, which four control characters (FS, GS, RS, US) belong to. */
function strip(digits: string): string {
  const isSpace = (code: number) => (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20);
  let start = 0;
  let end = digits.length;
  while (start < end && isSpace(digits.charCodeAt(start))) start += 1;
  while (end > start && isSpace(digits.charCodeAt(end - 1))) end -= 1;
  return digits.slice(start, end);
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1');
}
