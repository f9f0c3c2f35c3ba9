import type { PickleAnalysis } from '../pickle/index.ts';
import type { ScanReport } from '../report/index.ts';
import { type ScanOptions, scan } from '../scan.ts';
import type { ByteSource } from '../source.ts';
import { decompilePickles } from './decompile.ts';
import { disassembleFindings, type ExplainedStep } from './disassemble.ts';

export type { ExplainedStep };

/** One pickle of a file, in words. */
export interface ExplainedPickle {
  /** The member of the archive that it is in. */
  member?: string;
  /** Which of the pickles that stand one after the other there, from 0. */
  number: number;
  /** Offset of its first byte in the member. */
  start: number;
  /** Its opcodes around each finding; none where nothing was found in it. */
  steps: ExplainedStep[];
  /** What loading it would do, as Python-like lines. Text to show, never to run. */
  lines: string[];
}

export interface Explanation {
  report: ScanReport;
  pickles: ExplainedPickle[];
  /** Pickles beyond those that are explained. */
  omitted: number;
}

/** A legacy file has five; hostile ones have as many as fit. */
const MAX_PICKLES = 20;

/**
 * Scans a file as `scan` does, and shows what its pickles do: the opcodes around each finding, and the whole in
 * Python-like lines, both cut to a readable size. Text of the file has its control characters escaped.
 */
export function explain(source: ByteSource, options: Omit<ScanOptions, 'onPickle'> = {}): Explanation {
  const pickles: ExplainedPickle[] = [];
  let omitted = 0;
  const onPickle = (analysis: PickleAnalysis) => {
    const room = MAX_PICKLES - pickles.length;
    omitted += Math.max(0, analysis.pickles.length - Math.max(0, room));
    if (room <= 0) return;
    const { where } = analysis.options;
    const steps = disassembleFindings(analysis);
    const lines = decompilePickles(analysis, room);
    for (const [number, { start }] of analysis.pickles.slice(0, room).entries()) {
      pickles.push({
        ...(where?.member !== undefined && { member: where.member }),
        number,
        start: (where?.offset ?? 0) + start,
        steps: steps.get(number) ?? [],
        lines: lines.get(number) ?? [],
      });
    }
  };
  return { report: scan(source, { ...options, onPickle }), pickles, omitted };
}
