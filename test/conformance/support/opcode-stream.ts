import { analysePickle, type PickleStep, type Value } from '#scanner/pickle/index.ts';
import type { Genops, GenopsArgument } from './python.ts';

export interface Disagreement {
  offset: number;
  opcode: string;
  ours: string;
  theirs: string;
}

/** An opcode as our machine read it, with what it pushed or remembered. */
interface Step {
  offset: number;
  end: number;
  opcode: string;
  /** Top of the stack before and after it. */
  before: Value | undefined;
  after: Value | undefined;
  /** Slots of the memo that it changed, and what GET found: looked up when asked. */
  memo: ReadonlyMap<number, Value>;
}

/** Where pickletools stops and CPython's C reader, which we follow, goes on. Each with its reason. */
export const KNOWN_STOPS: readonly { opcodes: readonly string[]; line: RegExp; reason: string }[] = [
  {
    opcodes: ['INT', 'LONG'],
    line: /^[\s+-]*0[xob]/i,
    reason: 'C reads the base from the prefix (strtol and PyLong_FromString with base 0); pickletools reads base 10',
  },
  {
    opcodes: ['INT', 'LONG', 'FLOAT', 'GET', 'PUT'],
    line: /\0/,
    reason: 'to C a number ends at a NUL; pickletools takes the whole line',
  },
  {
    opcodes: ['STRING', 'PERSID'],
    line: /\P{ASCII}|\\/u,
    reason: 'pickletools decodes as ASCII, C with the encoding that the loader names',
  },
  {
    opcodes: ['STRING'],
    line: /\s$/,
    reason: 'Python 2 takes white space behind the closing quote; we read it and say that it is odd',
  },
  {
    opcodes: ['GLOBAL', 'INST'],
    line: /\P{ASCII}|\\/u,
    reason: 'pickletools unescapes and decodes as ASCII; C takes the line as UTF-8, escapes and all',
  },
];

/** What both read and make different values of. */
export const KNOWN_VALUES: readonly { opcodes: readonly string[]; line: RegExp; reason: string }[] = [
  {
    opcodes: ['INT'],
    line: /^[\s+-]*0\d/,
    reason: 'a leading zero means octal to C, which reads INT with strtol and base 0, and nothing to pickletools',
  },
  {
    opcodes: ['GLOBAL', 'INST'],
    line: /\\/,
    reason: 'pickletools unescapes names, C takes them as they stand',
  },
];

/** Our reading of the first pickle in these bytes against pickletools'. Empty where both agree, but for the known stops. */
export function compareStreams(bytes: Uint8Array, genops: Genops): Disagreement[] {
  const { steps, malformedFrom } = readSteps(bytes);
  const found: Disagreement[] = [];
  for (const [index, [offset, name, argument]] of genops.ops.entries()) {
    const step = steps[index];
    if (step === undefined || step.offset !== offset || step.opcode !== name) {
      return [
        ...found,
        { offset, opcode: name, ours: step ? `${step.opcode} at ${step.offset}` : 'nothing', theirs: name },
      ];
    }
    const ours = checkArgument(bytes, step, argument);
    if (ours !== null && !isKnown(KNOWN_VALUES, bytes, step))
      found.push({ offset, opcode: name, ours, theirs: JSON.stringify(argument)?.slice(0, 200) ?? '' });
  }
  const next = steps[genops.ops.length];
  // Going on is right where C does, and where we have said that the stream is broken.
  const isExplained = next !== undefined && (next.offset >= malformedFrom || isKnown(KNOWN_STOPS, bytes, next));
  if (next !== undefined && genops.error !== null && !isExplained) {
    found.push({ offset: next.offset, opcode: next.opcode, ours: 'goes on', theirs: genops.error });
  }
  if (next !== undefined && genops.error === null) {
    found.push({ offset: next.offset, opcode: next.opcode, ours: 'goes on', theirs: 'STOP' });
  }
  return found;
}

function isKnown(list: typeof KNOWN_STOPS, bytes: Uint8Array, step: Step): boolean {
  const line = Buffer.from(bytes.subarray(step.offset + 1, step.end - 1)).toString('latin1');
  return list.some((known) => known.opcodes.includes(step.opcode) && known.line.test(line));
}

/** `malformedFrom` is where the stream was first said to be malformed: Infinity where it was not. */
function readSteps(bytes: Uint8Array): { steps: Step[]; malformedFrom: number } {
  const steps: Step[] = [];
  const top = (step: PickleStep) => step.stack.at(-1);
  const { findings } = analysePickle(bytes, {
    count: 1,
    ignoreRest: true,
    onStep: (step) => {
      const last = steps.at(-1);
      if (last !== undefined) last.after = top(step);
      if (step.opcode !== 'end') {
        const { offset, end, opcode } = step;
        steps.push({ offset, end, opcode, before: top(step), after: undefined, memo: new Map(readMemo(bytes, step)) });
      }
    },
  });
  const broken = findings.filter(({ severity }) => severity === 'malformed');
  return { steps, malformedFrom: Math.min(...broken.map(({ where }) => where?.offset ?? 0)) };
}

/** The one slot that a GET is about to read, as the memo itself goes on changing. */
function readMemo(bytes: Uint8Array, step: PickleStep): [number, Value][] {
  if (!/GET$/.test(step.opcode)) return [];
  const operand = bytes.subarray(step.offset + 1, step.end);
  const key = step.opcode === 'GET' ? Number(Buffer.from(operand).toString('latin1').trim()) : littleEndian(operand);
  const value = step.memo.get(Number(key));
  return value === undefined ? [] : [[Number(key), value]];
}

/** Null where our machine made of the argument what pickletools did, else what it made. */
function checkArgument(bytes: Uint8Array, step: Step, argument: GenopsArgument): string | null {
  if (argument === null || step.opcode === 'PERSID') return null;
  const operand = bytes.subarray(step.offset + 1, step.end);
  const [kind, theirs] = argument;
  if (/PUT$/.test(step.opcode)) return null;
  if (/GET$/.test(step.opcode)) {
    const value = step.memo.get(Number.parseInt(String(theirs), 16));
    return value === undefined || value === step.after ? null : describe(step.after);
  }
  if (/^(PROTO|FRAME|EXT\d)$/.test(step.opcode)) {
    const bits = littleEndian(operand);
    const number = step.opcode === 'EXT4' ? BigInt.asIntN(32, bits) : bits;
    return number.toString(16) === theirs ? null : number.toString(16);
  }
  const value = step.after;
  if (step.opcode === 'GLOBAL' || step.opcode === 'INST') {
    const callee = value?.kind === 'call' ? value.callee : value;
    const name = callee?.kind === 'global' ? callee.name : describe(callee);
    if (callee?.kind === 'opaque' && callee.what === 'an unreadable name') return null;
    // pickletools joins module and name with a space, which either may hold as well.
    const joined = (text: string) => text.replaceAll(' ', '.');
    return joined(name) === joined(decodeText(String(theirs))) ? null : name;
  }
  return sameValue(value, kind, theirs) ? null : describe(value);
}

function sameValue(value: Value | undefined, kind: string, theirs: string | boolean): boolean {
  switch (value?.kind) {
    case 'bool':
      return kind === 'bool' && theirs === value.value;
    case 'int':
      if (kind !== 'int') return false;
      return value.value === null ? String(theirs).length > 2048 : value.value.toString(16) === theirs;
    case 'float':
      return kind === 'float' && (Number.isNaN(value.value) ? theirs === 'nan' : value.value === parseHexFloat(theirs));
    case 'str': {
      const text = kind === 'str' ? decodeText(String(theirs)) : Buffer.from(String(theirs), 'hex').toString('latin1');
      return value.cut ? text.startsWith(wellFormed(value.text.slice(0, -4))) : text === wellFormed(value.text);
    }
    case 'bytes':
    case 'bytearray':
      return kind === 'bytes' && Buffer.from(value.bytes).toString('hex') === theirs;
    default:
      return false;
  }
}

/** A lone surrogate, which Python keeps, is a replacement character here; no allowed name has either. */
function decodeText(hex: string): string {
  return wellFormed(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(hex, 'hex')));
}

function wellFormed(text: string): string {
  return text.toWellFormed().replace(/\ufffd+/g, '\ufffd');
}

/** Python's `float.hex`: `-0x1.8p+3`, `inf`, `nan`. */
function parseHexFloat(text: string | boolean): number {
  const match = /^(-?)(?:inf|0x([01])\.([0-9a-f]*)p([+-]\d+))$/.exec(String(text));
  if (match === null) return Number.NaN;
  const [, sign, whole, fraction = '', power] = match;
  const size =
    whole === undefined
      ? Number.POSITIVE_INFINITY
      : (Number(whole) + (fraction === '' ? 0 : Number.parseInt(fraction, 16) / 16 ** fraction.length)) *
        2 ** Number(power);
  return sign === '-' ? -size : size;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of [...bytes].reverse()) value = value * 256n + BigInt(byte);
  return value;
}

function describe(value: Value | undefined): string {
  const shown = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString(16) : part));
  return shown?.slice(0, 200) ?? 'nothing';
}
