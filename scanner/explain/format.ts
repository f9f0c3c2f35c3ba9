import { printable } from '../pickle/index.ts';
import { FORMAT_NAMES, formatReportText, LOADER_NAMES, type ScanReport, type TextOptions } from '../report/index.ts';
import type { ExplainedPickle, ExplainedStep, Explanation } from './explain.ts';

/** The report for people, and under it each pickle: its opcodes around each finding, and what loading it would do. */
export function formatExplanation(path: string, explanation: Explanation, options: TextOptions = {}): string {
  const { report, pickles, omitted } = explanation;
  const parts = [
    formatReportText(path, report, options),
    ...formatReadings(report),
    ...pickles.map((pickle) => formatPickle(pickle, options)),
  ];
  if (omitted > 0) parts.push(`  … and ${omitted} more pickles.`);
  if (pickles.length === 0) parts.push('  The file contains no pickle.');
  return parts.join('\n\n');
}

/** What each program reads, where they differ. */
function formatReadings({ readings = [] }: ScanReport): string[] {
  if (readings.length === 0) return [];
  const width = Math.max(...readings.map(({ loader }) => LOADER_NAMES[loader].length));
  const lines = readings.map(
    ({ loader, format, verdict, why }) =>
      `    ${LOADER_NAMES[loader].padEnd(width)}  ${FORMAT_NAMES[format]}: ${verdict}. ${printable(why)}`,
  );
  return [['  Programs read this file in different ways:', ...lines].join('\n')];
}

function formatPickle({ member, number, start, steps, lines }: ExplainedPickle, options: TextOptions): string {
  const name = member === undefined ? `Pickle ${number + 1}` : `${printable(member)}, pickle ${number + 1}`;
  const text = [`  ${name}, from byte ${start}`];
  if (steps.length > 0) {
    text.push('    Instructions around each finding:');
    for (const step of steps) text.push(...formatStep(step, options));
  }
  text.push('    What loading it would do (not executed):', ...lines.map((line) => `      ${line}`));
  return text.join('\n');
}

function formatStep(
  { offset, opcode, argument, effect, remarks, skipped }: ExplainedStep,
  options: TextOptions,
): string[] {
  const lines = skipped > 0 ? [`      ${'…'.padStart(10)}  ${skipped} more`] : [];
  const columns = [String(offset).padStart(10), opcode.padEnd(16), argument.padEnd(24), effect && `→ ${effect}`];
  const line = `${remarks.length > 0 ? '    ▶ ' : '      '}${columns.join('  ').trimEnd()}`;
  lines.push(remarks.length > 0 && options.colour ? `\u001b[1m${line}\u001b[0m` : line);
  for (const remark of remarks) {
    const text = `${' '.repeat(18)}^ ${remark}`;
    lines.push(options.colour ? `\u001b[31m${text}\u001b[0m` : text);
  }
  return lines;
}
