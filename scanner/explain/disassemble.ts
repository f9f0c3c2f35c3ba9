import { type PickleAnalysis, type PickleStep, printable, type Value } from '../pickle/index.ts';
import type { Finding } from '../report/index.ts';
import { readAgain } from './read-again.ts';
import { describeOperand, ValueWriter } from './words.ts';

/** One opcode near a finding. */
export interface ExplainedStep {
  /** Bytes from the start of the member. */
  offset: number;
  opcode: string;
  argument: string;
  /** What the opcode leaves on top of the stack, or in the memo, in words. */
  effect: string;
  /** What is wrong at this very opcode. */
  remarks: string[];
  /** Opcodes left out since the step before. */
  skipped: number;
}

const BEFORE = 8;
const AFTER = 4;
/** Places that are shown of one analysis. */
const MAX_PLACES = 40;
const EFFECT_LENGTH = 100;
const CALLS: ReadonlySet<string> = new Set(['REDUCE', 'NEWOBJ', 'NEWOBJ_EX', 'OBJ', 'INST']);

/**
 * The opcodes around each finding, by the pickle that they are in. Goes through the pickle twice: to find the places,
 * and to put them into words.
 */
export function disassembleFindings(analysis: PickleAnalysis): Map<number, ExplainedStep[]> {
  const base = analysis.options.where?.offset ?? 0;
  const places = findPlaces(analysis, base);
  const wanted = new Map<number, number>();
  for (const [index, { pickle }] of places) {
    for (let near = index - BEFORE; near <= index + AFTER; near += 1) wanted.set(near, pickle);
  }

  const shown = new Map<number, ExplainedStep[]>();
  const writer = new ValueWriter();
  let waiting: ExplainedStep | null = null;
  let waitingFor: PickleStep | null = null;
  let skipped = 0;
  let pickle = -1;
  walk(analysis, (step, index) => {
    if (step.pickle !== pickle) {
      pickle = step.pickle;
      skipped = 0;
    } else if (waiting !== null && waitingFor !== null) {
      waiting.effect = describeEffect(waitingFor.opcode, step, writer);
    }
    waiting = null;
    const remarks = places.get(index)?.remarks ?? [];
    if (wanted.get(index) !== step.pickle || (step.opcode === 'end' && remarks.length === 0)) {
      skipped += 1;
      return;
    }
    const argument = describeOperand(analysis.bytes, step);
    waiting = { offset: base + step.offset, opcode: step.opcode, argument, effect: '', remarks, skipped };
    waitingFor = { ...step };
    skipped = 0;
    const steps = shown.get(pickle);
    if (steps === undefined) shown.set(pickle, [waiting]);
    else steps.push(waiting);
  });
  return shown;
}

/** Which opcodes, counted through the analysis, a finding is about, with what to say there. */
function findPlaces(analysis: PickleAnalysis, base: number): Map<number, { pickle: number; remarks: string[] }> {
  // By pickle and then by byte: a text made of both for each of millions of opcodes would take longer than all else.
  const byPlace = new Map<number, Map<number, Finding[]>>();
  const byName = new Map<string, Finding>();
  for (const finding of analysis.findings) {
    const { offset = -1, pickle = 0 } = finding.where ?? {};
    const inPickle = byPlace.get(pickle) ?? new Map<number, Finding[]>();
    byPlace.set(pickle, inPickle.set(offset - base, [...(inPickle.get(offset - base) ?? []), finding]));
    if (finding.global !== undefined && finding.call !== undefined) byName.set(finding.global, finding);
  }
  const places = new Map<number, { pickle: number; remarks: string[] }>();
  walk(analysis, (step, index) => {
    if (places.size >= MAX_PLACES) return;
    const remarks = (byPlace.get(step.pickle)?.get(step.offset) ?? []).map(
      ({ rule, message }) => `${rule}: ${printable(message)}`,
    );
    const callee = byName.size > 0 && CALLS.has(step.opcode) ? calleeOf(step) : undefined;
    const named = callee?.kind === 'global' ? byName.get(printable(callee.name)) : undefined;
    if (named !== undefined && remarks.length === 0)
      remarks.push(`${named.rule}: ${printable(named.global ?? '')} is called here`);
    if (remarks.length > 0) places.set(index, { pickle: step.pickle, remarks });
  });
  return places;
}

function calleeOf({ opcode, stack, marks }: PickleStep): Value | undefined {
  if (opcode === 'OBJ') return stack[marks.at(-1) ?? 0];
  if (opcode === 'INST') return undefined;
  return stack.at(opcode === 'NEWOBJ_EX' ? -3 : -2);
}

function walk(analysis: PickleAnalysis, visit: (step: PickleStep, index: number) => void): void {
  let index = 0;
  readAgain(analysis, (step) => {
    visit(step, index);
    index += 1;
  });
}

/** What an opcode did, from the state before the next one. */
function describeEffect(opcode: string, next: PickleStep, writer: ValueWriter): string {
  if (opcode === 'MARK') return 'starts a list of values';
  if (opcode === 'PROTO' || opcode === 'FRAME') return '';
  if (opcode === 'STOP') return 'result of loading: the value on top';
  const top = next.stack.at(-1);
  const value = top === undefined ? 'nothing' : writer.write(top, EFFECT_LENGTH);
  if (/PUT$|^MEMOIZE$/.test(opcode)) return `stored in the memo (${next.memo.size} entries): ${value}`;
  if (/GET$/.test(opcode)) return `from the memo: ${value}`;
  return /^POP/.test(opcode) ? `removed; on top: ${value}` : `on top: ${value}`;
}
