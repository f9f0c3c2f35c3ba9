import { DEFAULT_PICKLE_LIMITS, type PickleLimits } from '../limits.ts';
import { release } from '../release.ts';
import type { Finding, GlobalClass, Where } from '../report/index.ts';
import type { IndexCheck } from './index-checks.ts';
import { Judge, type Place } from './judge.ts';
import { findLooseImports } from './loose-imports.ts';
import { type ArrayPlace, type MachineContext, type PickleRun, type PickleStep, runPickle } from './machine/index.ts';
import { findPickleEnd } from './opcodes.ts';
import { measureResult } from './size.ts';
import type { StorageReference, TensorRecord } from './values.ts';

export interface PickleOptions {
  /** Where the bytes stand: the member's name, and the offset of the first byte in it. */
  where?: Where;
  limits?: Partial<PickleLimits>;
  /** Byte of the first pickle, 0 unless given. */
  start?: number;
  /** Pickles that are read at most; unless given, all that stand one after the other. */
  count?: number;
  /** What is behind the last pickle is not looked at: the numbers of a legacy torch file stand there. */
  ignoreRest?: boolean;
  /** Reads arrays as joblib puts them in the middle of a pickle, where every other loader goes on with opcodes. */
  readsArrays?: boolean;
  /** Called before each opcode is executed: for explaining, not for judging. */
  onStep?: (step: PickleStep) => void;
}

export interface PickleAnalysis {
  /** What was analysed, and how: enough to do it again. */
  bytes: Uint8Array;
  options: PickleOptions;
  findings: Finding[];
  /** By name as the file writes it. */
  globals: ReadonlyMap<string, { class: GlobalClass; count: number }>;
  /** Names that pickles inside texts of these bring in; data as long as nobody loads them. */
  nestedNames: ReadonlySet<string>;
  /** Every tensor whose rebuild call is as it should be. */
  tensors: TensorRecord[];
  /** What must hold of the numbers in the storages. */
  checks: IndexCheck[];
  /** Every storage that is referred to, by key. */
  storages: ReadonlyMap<string, StorageReference>;
  /** Where each pickle lies in the bytes, and the number that it is, where it is one. */
  pickles: { start: number; end: number; integer: bigint | null }[];
  /** Arrays that were stepped over. */
  arrays: ArrayPlace[];
  /** Offset behind the last pickle. */
  end: number;
  /** True where every pickle was read to its STOP. */
  complete: boolean;
}

/** True where a pickle brings in something by a dotted name, which bytes that are none rarely do. */
export function bringsInNames({ globals }: PickleAnalysis): boolean {
  return [...globals.keys()].some((name) => /^[\w.]+\.[\w.]+$/.test(name));
}

const MIN_NESTED_BYTES = 5;
/** A pickle inside another may take the memory of the other divided by this. */
const NESTED_SHARE = 8;

/** Reads pickles as data and judges what loading them would do. Never throws, whatever the bytes are. */
export function analysePickle(bytes: Uint8Array, options: PickleOptions = {}): PickleAnalysis {
  const limits: PickleLimits = { ...DEFAULT_PICKLE_LIMITS, ...options.limits };
  return analyse(bytes, options, { limits, deadline: Date.now() + limits.milliseconds, tried: { count: 0 }, depth: 0 });
}

interface Budget {
  limits: PickleLimits;
  deadline: number;
  /** Byte strings that were tried as pickles, at every depth. */
  tried: { count: number };
  depth: number;
}

function analyse(bytes: Uint8Array, options: PickleOptions, budget: Budget): PickleAnalysis {
  const { limits } = budget;
  const judge = new Judge(options.where ?? {}, limits, bytes.length);
  const arrays: PickleAnalysis['arrays'] = [];
  const context = {
    judge,
    limits,
    deadline: budget.deadline,
    onBytes: (data: Uint8Array, place: Place) => judgeBytes(judge, data, place, budget),
    onStep: options.onStep,
    ...(options.readsArrays ? { onArray: (array: ArrayPlace) => arrays.push(array) } : {}),
  };
  const pickles: PickleAnalysis['pickles'] = [];
  let at = options.start ?? 0;
  let complete = true;
  while (pickles.length < (options.count ?? Number.POSITIVE_INFINITY)) {
    if (pickles.length >= limits.stackedPickles || Date.now() > budget.deadline) {
      judge.report(
        'pickle/limit',
        'incomplete',
        { offset: at, opcode: 'end' },
        `The file was not read to its end: it has more than ${pickles.length} consecutive pickles.`,
      );
      complete = false;
      break;
    }
    judge.pickle = pickles.length;
    const run = runOne(bytes, at, context);
    pickles.push({ start: at, end: run.end, integer: run.integer });
    release(run.held);
    at = run.end;
    complete = run.complete;
    if (!complete) break;
    if (options.count !== undefined) continue;
    const next = skipSpace(bytes, at);
    if (next >= bytes.length || !startsPickle(bytes, next)) break;
    if (next > at) {
      judge.report(
        'pickle/trailing',
        'suspicious',
        { offset: at, opcode: 'end' },
        `Between two pickles are ${next - at} null bytes, which loaders do not skip.`,
      );
    }
    at = next;
  }
  if (!options.ignoreRest) judgeRest(judge, bytes, at, complete);
  return {
    bytes,
    options,
    findings: judge.findings,
    globals: judge.globals,
    nestedNames: judge.nestedNames,
    tensors: judge.tensors,
    checks: judge.checks,
    storages: judge.storages,
    pickles,
    arrays,
    end: at,
    complete,
  };
}

/** Reads and judges one pickle. Its values are out of reach afterwards, so that what they took can be given back. */
function runOne(bytes: Uint8Array, start: number, context: MachineContext): Omit<PickleRun, 'result' | 'shares'> {
  const { result, shares, ...run } = runPickle(bytes, start, context);
  if (result !== null) judgeSize(context.judge, result, shares, context.limits, run.end);
  return run;
}

/** Byte strings that are pickles themselves: data as long as nobody loads them, and a call that does has its own finding. */
function judgeBytes(judge: Judge, data: Uint8Array, place: Place, budget: Budget): void {
  const { limits } = budget;
  if (data.length < MIN_NESTED_BYTES || data[0] !== 0x80 || (data[1] ?? 9) > 5) return;
  if (budget.depth >= limits.nestedDepth || budget.tried.count >= limits.nestedPickles) {
    judge.limit(place, 'more pickles in strings than the limit of a scan');
    return;
  }
  budget.tried.count += 1;
  if (findPickleEnd(data) === null) return;
  // The values of the outer ones are in memory meanwhile.
  const innerLimits = { ...limits, heldBytes: Math.floor(limits.heldBytes / NESTED_SHARE) };
  const inner = analyse(data, {}, { ...budget, limits: innerLimits, depth: budget.depth + 1 });
  for (const name of [...inner.globals.keys(), ...inner.nestedNames]) judge.addNestedName(name, place);
  if (inner.findings.some(({ severity }) => severity === 'incomplete'))
    judge.limit(place, 'a pickle in a string that is too large to scan');
  const worst = inner.findings.find(({ severity }) => severity === 'dangerous');
  const what =
    worst === undefined
      ? 'another pickle'
      : `another pickle, and loading it would be dangerous (${worst.call ?? worst.global ?? worst.rule})`;
  judge.report(
    'pickle/nested',
    'suspicious',
    place,
    `A string in the pickle is ${what}.`,
    worst?.call === undefined ? {} : { call: worst.call },
  );
}

function judgeSize(
  judge: Judge,
  result: Parameters<typeof measureResult>[0],
  shares: boolean,
  limits: PickleLimits,
  offset: number,
): void {
  const { expanded, depth } = measureResult(result, limits.nesting);
  const place = { offset, opcode: 'STOP' };
  if (depth > limits.nesting) {
    judge.report(
      'pickle/nesting',
      'suspicious',
      place,
      `Values are nested more than ${limits.nesting} deep (resource exhaustion).`,
    );
  }
  if (shares && expanded > limits.expansion) {
    judge.report(
      'pickle/expansion',
      'suspicious',
      place,
      'A few bytes of the file expand to more values than fit in memory (resource exhaustion).',
    );
  }
}

function judgeRest(judge: Judge, bytes: Uint8Array, at: number, complete: boolean): void {
  const start = complete ? skipSpace(bytes, at) : at;
  if (start >= bytes.length) return;
  const place = { offset: start, opcode: 'end' };
  if (complete) {
    judge.report(
      'pickle/trailing',
      'suspicious',
      place,
      `There are ${bytes.length - start} unused bytes after the pickle.`,
    );
  }
  for (const { name, offset } of findLooseImports(bytes, start)) {
    judge.report(
      'pickle/loose-import',
      'suspicious',
      { offset, opcode: 'end' },
      `Bytes that cannot be read as part of the file contain the name of the Python object ${name}.`,
      { global: name },
    );
  }
}

/** White space and zeros between and behind pickles mean nothing to any loader. */
function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && BLANKS.has(bytes[at] ?? 1)) at += 1;
  return at;
}

/** NUL, tab, line feed, form feeds, carriage return, space. */
const BLANKS: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

function startsPickle(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] === 0x80 && (bytes[at + 1] ?? 9) <= 5) || findPickleEnd(bytes, at) !== null;
}
