import { RULES } from './rules.ts';
import type { Finding, ScanReport, Severity, Verdict } from './types.ts';
import { visible } from './visible.ts';

export interface TextOptions {
  /** Colour for a terminal. */
  colour?: boolean;
}

const COLOURS: Readonly<Record<Verdict | Severity, number>> = {
  clean: 32,
  note: 90,
  suspicious: 33,
  malformed: 35,
  incomplete: 36,
  dangerous: 31,
};

const WORDS: Readonly<Record<Verdict, string>> = {
  clean: 'Everything was scanned. The file contains only what model weights need.',
  suspicious: 'The file contains something that model weights do not need. Review it manually.',
  malformed: 'The file is damaged or invalid, so its safety cannot be checked.',
  incomplete: 'The scan did not finish.',
  dangerous: 'Loading this file runs code. Do not load it.',
};

/** A report for people, one finding a paragraph. Text from the file is shown with its control characters escaped. */
export function formatReportText(path: string, report: ScanReport, options: TextOptions = {}): string {
  const paint = (text: string, name: Verdict | Severity) =>
    options.colour ? `\u001b[${COLOURS[name]}m${text}\u001b[0m` : text;
  const lines = [
    `${paint(report.verdict.toUpperCase(), report.verdict)}  ${visible(path)}  (${report.container}, ${formatBytes(report.size)})`,
  ];
  lines.push(`  ${WORDS[report.verdict]}`);
  for (const finding of report.findings) {
    lines.push(`  ${paint(finding.severity, finding.severity)}  ${visible(finding.message)}`);
    lines.push(
      `    ${[finding.rule, RULES.get(finding.rule)?.title, describePlace(finding)].filter(Boolean).join(' · ')}`,
    );
  }
  const others = report.globals.filter((use) => use.class === 'allowed' || use.class === 'reference-only');
  if (report.verdict !== 'clean' && others.length > 0) {
    lines.push(`  Also contains the names (harmless here): ${others.map(({ name }) => visible(name)).join(', ')}`);
  }
  return lines.join('\n');
}

function describePlace({ where }: Finding): string {
  if (where === undefined) return '';
  const parts: string[] = [];
  if (where.member !== undefined) parts.push(visible(where.member));
  if (where.offset !== undefined) parts.push(`byte ${where.offset}`);
  if (where.opcode !== undefined) parts.push(where.opcode);
  return parts.join(', ');
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
