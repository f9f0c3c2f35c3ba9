import type { PickleLimits } from '../limits.ts';
import { analysePickle, OPCODES, type PickleStep, type Value } from '../pickle/index.ts';
import type { Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** Opcodes that bring something in. */
const IMPORTS: ReadonlySet<string> = new Set(['GLOBAL', 'INST', 'STACK_GLOBAL']);
/** What a plain unpickler refuses: it has no function for outside objects, no buffers and an empty table of extensions. */
const REFUSED: ReadonlySet<string> = new Set(['PERSID', 'BINPERSID', 'NEXT_BUFFER', 'EXT1', 'EXT2', 'EXT4']);
/** What C refuses, among the rules of a pickle; other rules are about what it takes. */
const BREAKS: ReadonlySet<string> = new Set(['pickle/broken', 'pickle/unknown-opcode']);
const RUNS =
  /^pickle\/(?:global-(?:dangerous|known-class|unknown|misused)|import-computed|(?:call|build|item)-(?:computed|misused))$/;
const PREFIX_BYTES = { u1: 1, u4: 4, u8: 8 } as const;
/** Opcodes whose four bytes of length C reads with a sign. */
const SIGNED: ReadonlySet<string> = new Set(['BINSTRING', 'LONG4']);
const HIGHEST_PROTOCOL = 5;
const WINDOW = 4096;
const ARRAY_WRAPPER = '.numpy_pickle.NumpyArrayWrapper';
/**
 * What a line must begin with for C to take it, where that says something: it refuses the opcode however long the line
 * is, and need not be searched for its end.
 */
const LINE_BEGINS: ReadonlyMap<string, RegExp> = new Map([
  ['STRING', /^["']/],
  ['LONG', /^[\s+\-\d]/],
  ['FLOAT', /^[\s+\-\d.in]/i],
  ['GET', /^[\s+\-\d]/],
  ['PUT', /^[\s+\-\d]/],
]);
/** Windows that are read between two looks at the clock. */
const CLOCK_EVERY = 256;

/**
 * Reads a file that is something else as the pickle that it might be as well: a loader that goes by the name alone would.
 * The marks of several formats are whole opcodes, and a header of lengths can lead a pickle's reader around what follows.
 * Reports only what CPython's unpickler, without a `persistent_load`, would run before its first error
 * (CPython `Modules/_pickle.c`): the marks of other formats lead to such an error within a few bytes.
 * What stands before `from` is known already, and only findings of `rules` count. True where it is a pickle to its STOP.
 */
export function inspectAsPickle(
  source: ByteSource,
  where: Where,
  inspection: Inspection,
  { from = 0, rules = RUNS }: { from?: number; rules?: RegExp } = {},
): boolean {
  const range = findPickleRange(source, inspection);
  if (!range.imports && !range.limited) return range.isWhole;
  const bytes = source.read(0, Math.min(range.end, inspection.limits.pickleBytes));
  const isWhole = bytes.length === range.end && !range.limited;
  const limits = {
    ...inspection.pickleLimits,
    lineBytes: inspection.limits.pickleBytes,
  };
  const stop = findFirstError(bytes, limits);
  const analysis = analysePickle(bytes.subarray(0, stop), { where, limits, ignoreRest: true, count: 1 });
  const findings = analysis.findings.filter(
    (finding) => rules.test(finding.rule) && (finding.where?.offset ?? 0) - (where.offset ?? 0) >= from,
  );
  if (findings.length > 0) {
    inspection.addPickle({ ...analysis, findings });
    const isDangerous = findings.some(({ severity }) => severity === 'dangerous');
    inspection.report(
      'container/two-formats',
      isDangerous ? 'dangerous' : 'suspicious',
      isDangerous
        ? 'The file has two formats at once, and one of them is a pickle that runs code.'
        : 'The file has two formats at once, and one of them is a pickle that imports Python objects.',
      where,
    );
  }
  if ([...analysis.globals.keys()].some((name) => name.endsWith(ARRAY_WRAPPER))) {
    // To joblib what stands behind is the numbers of an array, and opcodes go on behind those.
    const whole = source.read(0, inspection.limits.pickleBytes);
    const arrays = analysePickle(whole, { where, limits, ignoreRest: true, count: 1, readsArrays: true });
    const found = arrays.findings.filter((finding) => rules.test(finding.rule));
    if (arrays.arrays.length > 0 && found.length > 0) inspection.addPickle({ ...arrays, findings: found });
  }
  const isUnread = stop === bytes.length && !isWhole;
  if (isUnread || analysis.findings.some(({ rule }) => rule === 'pickle/limit')) {
    inspection.report(
      'container/too-large',
      'incomplete',
      'The file has two formats at once, and one of them is a pickle that is too large to scan.',
      where,
    );
  }
  return range.isWhole && stop === range.end;
}

interface PickleRange {
  /** Offset behind the last opcode that C could come to. */
  end: number;
  /** True where one of them brings something in. */
  imports: boolean;
  /** True where a limit ended the walk. */
  limited: boolean;
  /** True where it ends in STOP. */
  isWhole: boolean;
}

/** Walks from opcode to opcode. Operands are stepped over, not read, so that gigabytes between two of them cost nothing. */
function findPickleRange(source: ByteSource, inspection: Inspection): PickleRange {
  const range: PickleRange = { end: 0, imports: false, limited: false, isWhole: false };
  const reader = new WindowReader(source, () => inspection.isOutOfTime);
  for (let steps = 0; range.end < source.size; steps += 1) {
    const opcode = OPCODES.get(reader.byte(range.end));
    if (opcode === undefined || REFUSED.has(opcode.name)) return range;
    const { name, operand } = opcode;
    const from = range.end + 1;
    let end: number | null;
    if (typeof operand === 'number') end = from + operand;
    else if (LINE_BEGINS.get(name)?.test(latin1(reader.read(from, 1))) === false) return range;
    else if (operand === 'line') end = reader.findLineEnd(from);
    else if (operand === 'two-lines') end = reader.findLineEnd(reader.findLineEnd(from));
    else {
      const length = littleEndian(reader.read(from, PREFIX_BYTES[operand]));
      if (SIGNED.has(name) && length > 0x7fff_ffff) return range;
      end = from + PREFIX_BYTES[operand] + length;
    }
    range.limited = reader.isStopped || steps >= inspection.limits.pickle.opcodes;
    if (range.limited || end === null || end > source.size) return range;
    if (name === 'PROTO' && reader.byte(from) > HIGHEST_PROTOCOL) return range;
    if (name === 'FRAME' && end + littleEndian(reader.read(from, 8)) > source.size) return range;
    range.imports ||= IMPORTS.has(name);
    range.end = end;
    range.isWhole = name === 'STOP';
    if (range.isWhole) return range;
  }
  return range;
}

/** Reads a little at a time, and once where the next bytes are in memory together with the last. */
class WindowReader {
  isStopped = false;
  readonly #source: ByteSource;
  readonly #isOutOfTime: () => boolean;
  #window: Uint8Array = new Uint8Array();
  #start = 0;
  #reads = 0;

  constructor(source: ByteSource, isOutOfTime: () => boolean) {
    this.#source = source;
    this.#isOutOfTime = isOutOfTime;
  }

  /** 0 behind the end. */
  byte(at: number): number {
    const index = at - this.#start;
    return (index >= 0 && index < this.#window.length ? this.#window[index] : this.read(at, 1)[0]) ?? 0;
  }

  read(at: number, length: number): Uint8Array {
    if (at < this.#start || at + length > this.#start + this.#window.length) {
      this.#window = this.#source.read(at, WINDOW);
      this.#start = at;
      this.#reads += 1;
      if (this.#reads % CLOCK_EVERY === 0) this.isStopped ||= this.#isOutOfTime();
    }
    return this.#window.subarray(at - this.#start, at - this.#start + length);
  }

  /** Offset behind the line feed; null where there is none. */
  findLineEnd(from: number | null): number | null {
    for (
      let at = from;
      at !== null && at < this.#source.size && !this.isStopped;
      at = this.#start + this.#window.length
    ) {
      this.read(at, 1);
      const newline = this.#window.indexOf(0x0a, at - this.#start);
      if (newline >= 0) return this.#start + newline + 1;
    }
    return null;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

/** Offset of the first opcode that C refuses; behind the bytes where it takes them all. */
function findFirstError(bytes: Uint8Array, limits: Partial<PickleLimits>): number {
  let first = bytes.length;
  const { findings } = analysePickle(bytes, {
    limits,
    ignoreRest: true,
    count: 1,
    onStep: (step) => {
      if (step.offset < first && isRefused(step, bytes)) first = step.offset;
    },
  });
  for (const { rule, where } of findings)
    if (BREAKS.has(rule) && where?.offset !== undefined) first = Math.min(first, where.offset);
  return first;
}

const NO_OBJECTS: ReadonlySet<Value['kind']> = new Set([
  ...(['none', 'bool', 'int', 'float', 'str', 'bytes', 'bytearray'] as const),
  ...(['tuple', 'list', 'dict', 'set', 'frozenset'] as const),
]);

/** A value of Python's own that is none of these kinds; of all other values nobody knows what they take. */
function isPlainBut(value: Value | undefined, ...kinds: Value['kind'][]): boolean {
  return value !== undefined && NO_OBJECTS.has(value.kind) && !kinds.includes(value.kind);
}

/** True where C raises for the kinds of the values that an opcode finds. What is missing, the machine itself has said. */
function isRefused({ opcode, offset, end, stack, marks }: PickleStep, bytes: Uint8Array): boolean {
  const mark = marks.at(-1) ?? 0;
  const target = stack[mark - 1];
  const isEmpty = stack.length === mark;
  switch (opcode) {
    case 'STRING':
      return !/['"]$/.test(Buffer.from(bytes.subarray(end - 2, end - 1)).toString('latin1'));
    case 'STACK_GLOBAL':
      return isPlainBut(stack.at(-2), 'str') || isPlainBut(stack.at(-1), 'str');
    case 'GLOBAL':
    case 'INST':
      // No module has NUL in its name.
      return bytes.subarray(offset, bytes.indexOf(0x0a, offset)).includes(0);
    case 'REDUCE':
    case 'NEWOBJ':
      return isPlainBut(stack.at(-2)) || isPlainBut(stack.at(-1), 'tuple');
    case 'NEWOBJ_EX':
      return isPlainBut(stack.at(-3)) || isPlainBut(stack.at(-2), 'tuple') || isPlainBut(stack.at(-1), 'dict');
    case 'OBJ':
      return isPlainBut(stack[mark]);
    case 'APPEND':
      return isPlainBut(stack.at(-2), 'list', 'bytearray');
    case 'APPENDS':
      return !isEmpty && isPlainBut(target, 'list', 'bytearray');
    case 'SETITEM':
      return isPlainBut(stack.at(-3), 'dict', 'list', 'bytearray');
    case 'SETITEMS':
      return !isEmpty && isPlainBut(target, 'dict', 'list', 'bytearray');
    case 'ADDITEMS':
      return !isEmpty && isPlainBut(target, 'set');
    case 'BUILD':
      // Plain values have no attributes; only a state without any is put on them.
      return isPlainBut(stack.at(-2)) && isPlainBut(stack.at(-1), 'none', 'tuple');
    default:
      return false;
  }
}
