import { MalformedTensors } from './errors.ts';
import { findOperandEnd } from './operands.ts';
import { listFetched } from './remembered.ts';

/**
 * Rewrites the few opcodes that pickleparser reads differently from Python (CPython `Lib/pickle.py`), each into an
 * equivalent that it reads right, and leaves every other byte alone:
 * - `STRING` and `UNICODE` of protocol 0 keep their escapes undecoded there;
 * - `LONG`, `LONG1` and `LONG4` lose the sign, or end the parse above 8 bytes;
 * - `DICT` with items sets properties on the Map instead of entries;
 * - `OBJ` takes the last item for the class, not the first.
 * What is remembered and never fetched again is not remembered: picklers do so with every value, and all that a checkpoint
 * was made of on the way would stay in memory.
 * Returns the pickle up to and with its `STOP`. Throws MalformedTensors where the bytes are not one whole pickle.
 */
export function normalisePickle(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new ByteWriter(bytes.length + 64);
  /** For each open MARK, where it stands in the output. */
  const marks: number[] = [];
  const fetched = listFetched(bytes, view);
  let position = 0;

  while (position < bytes.length) {
    const opcode = bytes[position] ?? 0;
    const start = position;
    const end = findOperandEnd(bytes, view, opcode, position + 1);
    if (end > bytes.length) throw new MalformedTensors('The pickle ends within an instruction.');
    position = end;

    switch (opcode) {
      case OP.STOP:
        out.byte(opcode);
        return out.bytes();
      case OP.MARK:
        marks.push(out.length);
        out.byte(opcode);
        break;
      case OP.DICT:
        rewriteDict(out, takeMark(marks));
        break;
      case OP.OBJ:
        rewriteObject(out, takeMark(marks));
        break;
      case OP.STRING:
        writeText(out, decodeStringLiteral(latin1(bytes, start + 1, end - 1)));
        break;
      case OP.UNICODE:
        writeText(out, decodeUnicodeLine(latin1(bytes, start + 1, end - 1)));
        break;
      case OP.LONG:
        writeInteger(out, parseLong(latin1(bytes, start + 1, end - 1)));
        break;
      case OP.LONG1:
        writeInteger(out, readLong(bytes.subarray(start + 2, end)));
        break;
      case OP.LONG4:
        writeInteger(out, readLong(bytes.subarray(start + 5, end)));
        break;
      case OP.BINPUT:
      case OP.LONG_BINPUT: {
        const key = opcode === OP.BINPUT ? view.getUint8(start + 1) : view.getUint32(start + 1, true);
        if (fetched === null || fetched.has(key)) out.copy(bytes.subarray(start, end));
        break;
      }
      default:
        if (MARK_CONSUMERS.has(opcode)) takeMark(marks);
        out.copy(bytes.subarray(start, end));
    }
  }
  throw new MalformedTensors('The pickle has no STOP instruction.');
}

const OP = {
  MARK: 0x28,
  STOP: 0x2e,
  PERSID: 0x50,
  STRING: 0x53,
  UNICODE: 0x56,
  LONG: 0x4c,
  DICT: 0x64,
  OBJ: 0x6f,
  LONG1: 0x8a,
  LONG4: 0x8b,
  EMPTY_DICT: 0x7d,
  SETITEMS: 0x75,
  TUPLE: 0x74,
  REDUCE: 0x52,
  BININT: 0x4a,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
} as const;

/** Opcodes other than DICT and OBJ that close the newest MARK: TUPLE LIST APPENDS SETITEMS INST POP_MARK ADDITEMS FROZENSET. */
const MARK_CONSUMERS = new Set([0x74, 0x6c, 0x65, 0x75, 0x69, 0x31, 0x90, 0x91]);

function takeMark(marks: number[]): number {
  const mark = marks.pop();
  if (mark === undefined) throw new MalformedTensors('The pickle closes a list that it did not open.');
  return mark;
}

/** `MARK items DICT` becomes `EMPTY_DICT MARK items SETITEMS`. */
function rewriteDict(out: ByteWriter, mark: number): void {
  out.insert(mark, OP.EMPTY_DICT);
  out.byte(OP.SETITEMS);
}

/** `MARK class items OBJ` becomes `class MARK items TUPLE REDUCE`: calling an inert class and making one are the same. */
function rewriteObject(out: ByteWriter, mark: number): void {
  const written = out.bytes();
  const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
  let classEnd = mark + 1;
  for (let first = true; classEnd < written.length; first = false) {
    const opcode = written[classEnd] ?? 0;
    const isClass = opcode === 0x63 || opcode === 0x67 || opcode === 0x68 || opcode === 0x6a;
    const isPut = opcode === 0x70 || opcode === 0x71 || opcode === 0x72 || opcode === 0x94;
    if (first ? !isClass : !isPut) break;
    classEnd = findOperandEnd(written, view, opcode, classEnd + 1);
  }
  if (classEnd === mark + 1) throw new MalformedTensors('The pickle creates an object without a class name.');
  out.moveMark(mark, classEnd, OP.MARK);
  out.byte(OP.TUPLE);
  out.byte(OP.REDUCE);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
]);

/** A quoted Python 2 `str` literal. */
function decodeStringLiteral(line: string): string {
  const text = line.trimEnd();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) {
    throw new MalformedTensors('The pickle contains a string without quotes.');
  }
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
      (_whole, hex?: string, octal?: string, plain?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
        return SIMPLE_ESCAPES.get(plain ?? '') ?? plain ?? '';
      },
    );
}

/** Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
function decodeUnicodeLine(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const point = Number.parseInt(short ?? long ?? '', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function parseLong(line: string): bigint {
  const digits = line.trim().replace(/L$/, '');
  if (!/^[+-]?\d{1,4000}$/.test(digits)) throw new MalformedTensors('The pickle contains an invalid number.');
  return BigInt(digits.replace(/^\+/, ''));
}

/** A two's complement little-endian number of any length. Above 512 bytes only its size matters to anyone. */
function readLong(bytes: Uint8Array): bigint {
  if (bytes.length > 512) return 2n ** 4096n;
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** Numbers beyond 32 bits become floats: exact to 2^53, which no offset or size in a readable file exceeds. */
function writeInteger(out: ByteWriter, value: bigint): void {
  const operand = Buffer.alloc(9);
  if (value >= -0x80000000n && value <= 0x7fffffffn) {
    operand[0] = OP.BININT;
    operand.writeInt32LE(Number(value), 1);
    out.copy(operand.subarray(0, 5));
  } else {
    operand[0] = OP.BINFLOAT;
    operand.writeDoubleBE(Number(value), 1);
    out.copy(operand);
  }
}

function writeText(out: ByteWriter, text: string): void {
  const encoded = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(5);
  head[0] = OP.BINUNICODE;
  head.writeUInt32LE(encoded.length, 1);
  out.copy(head);
  out.copy(encoded);
}

class ByteWriter {
  length = 0;
  #buffer: Uint8Array;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length] = value;
    this.length += 1;
  }

  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  insert(position: number, value: number): void {
    this.#reserve(1);
    this.#buffer.copyWithin(position + 1, position, this.length);
    this.#buffer[position] = value;
    this.length += 1;
  }

  /** Takes the byte at `from` out and puts `value` so that it stands before what was at `to`. */
  moveMark(from: number, to: number, value: number): void {
    this.#buffer.copyWithin(from, from + 1, to);
    this.#buffer[to - 1] = value;
  }

  #reserve(extra: number): void {
    if (this.length + extra <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.length + extra));
    grown.set(this.bytes());
    this.#buffer = grown;
  }
}
