import { analysePickle, OPCODES } from '../pickle/index.ts';
import type { Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** Opcodes that bring something in. */
const IMPORTS: ReadonlySet<string> = new Set(['GLOBAL', 'INST', 'STACK_GLOBAL', 'EXT1', 'EXT2', 'EXT4']);
const PREFIX_BYTES = { u1: 1, u4: 4, u8: 8 } as const;
const WINDOW = 4096;
const MAX_STEPS = 2_000_000;

/**
 * Reads a file that is something else as the pickle that it might be as well: a loader that goes by the name alone would.
 * The marks of several formats are whole opcodes, and a header of lengths can lead a pickle's reader around what follows.
 * Says nothing where a loader would stop before anything is run.
 */
export function inspectAsPickle(source: ByteSource, where: Where, inspection: Inspection): void {
  const reach = findImportReach(source);
  if (reach === null) return;
  const limit = inspection.limits.memberBytes;
  const bytes = source.read(0, Math.min(limit, Math.max(reach + WINDOW, WINDOW)));
  const limits = { ...inspection.limits.pickle, milliseconds: inspection.millisecondsLeft };
  const analysis = analysePickle(bytes, { where, limits, ignoreRest: true, count: 1 });
  const stop = analysis.findings.find(({ rule }) => rule === 'pickle/broken' || rule === 'pickle/unknown-opcode');
  const end = stop?.where?.offset ?? Number.POSITIVE_INFINITY;
  const runs = analysis.findings.some(({ severity, where: at }) => severity === 'dangerous' && (at?.offset ?? 0) < end);
  if (runs) {
    inspection.addPickle(analysis);
    inspection.report(
      'container/two-formats',
      'dangerous',
      'The file can be read in two ways, and one of them is a pickle that runs a program.',
      where,
    );
  } else if (reach > limit) {
    inspection.report(
      'container/too-large',
      'incomplete',
      'The file can be read in two ways, and one of them is a pickle too large to be checked.',
      where,
    );
  }
}

/**
 * How far the opcodes from the first byte on go, where one of them brings something in; null where none does. Operands
 * are stepped over, not read, so that gigabytes between two opcodes cost nothing.
 */
function findImportReach(source: ByteSource): number | null {
  let window = source.read(0, WINDOW);
  let windowStart = 0;
  const need = (at: number, length: number) => {
    if (at < windowStart || at + length > windowStart + window.length) {
      window = source.read(at, Math.max(WINDOW, length));
      windowStart = at;
    }
    return window.subarray(at - windowStart, at - windowStart + length);
  };
  let imports = false;
  let at = 0;
  for (let steps = 0; steps < MAX_STEPS && at < source.size; steps += 1) {
    const opcode = OPCODES.get(need(at, 1)[0] ?? 0);
    if (opcode === undefined || opcode.name === 'STOP') break;
    const { operand } = opcode;
    let end: number;
    if (typeof operand === 'number') end = at + 1 + operand;
    else if (operand === 'line' || operand === 'two-lines') {
      const first = need(at + 1, WINDOW).indexOf(0x0a);
      const second = operand === 'line' ? first : need(at + 1, WINDOW).indexOf(0x0a, first + 1);
      if (first < 0 || second < 0) break;
      end = at + 2 + second;
    } else {
      const width = PREFIX_BYTES[operand];
      const length = need(at + 1, width).reduceRight((sum, byte) => sum * 256 + byte, 0);
      end = at + 1 + width + length;
    }
    if (end > source.size) break;
    imports ||= IMPORTS.has(opcode.name);
    at = end;
  }
  return imports ? at : null;
}
