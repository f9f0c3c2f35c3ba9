import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { identifyFile } from '../../scanner/identify/index.ts';
import {
  exitCode,
  type FailOn,
  formatReportText,
  openFileSource,
  type ReportedFile,
  RULES_VERSION,
  reportJson,
  type ScanReport,
  scan,
} from '../../scanner/index.ts';
import { VERSION } from '../version.ts';
import { type Format, formatOption, printJson, wantsColour } from './format-option.ts';
import { explain, listFiles } from './list-files.ts';
import { showProgress } from './progress.ts';

interface Options {
  format: Format;
  failOn: FailOn;
}

export function scanCommand(): Command {
  return new Command('scan')
    .description('Say whether model files are safe to load, and why.')
    .argument('<path...>', 'files, or folders of them')
    .addOption(formatOption())
    .addOption(
      new Option('--fail-on <verdict>', 'let suspicious files pass')
        .choices(['suspicious', 'dangerous'])
        .default('suspicious'),
    )
    .addHelpText(
      'after',
      `
Exit status: 0 all clean, 1 any dangerous, 2 any malformed, not checked to its end or unreadable, 3 any suspicious.

  weighhouse scan model.ckpt
  weighhouse scan ~/models --format json > report.json`,
    )
    .action(scanFiles);
}

async function scanFiles(paths: string[], { format, failOn }: Options): Promise<void> {
  const reported: ReportedFile[] = [];
  for await (const { path, problem } of listFiles(paths)) {
    const file = problem === null ? scanFile(path) : { path, report: unreadable(path, problem) };
    // Text comes out file by file; JSON is one document, of which findings are all that is kept.
    if (format === 'text') console.log(`${formatReportText(path, file.report, { colour: wantsColour() })}\n`);
    reported.push(format === 'json' ? file : { path, report: { ...file.report, findings: [], globals: [] } });
  }
  if (format === 'json') printJson(reportJson(reported, VERSION));
  else if (reported.length !== 1) console.log(summary(reported));
  process.exitCode = exitCode(
    reported.map(({ report }) => report.verdict),
    failOn,
  );
}

function scanFile(path: string): ReportedFile {
  const bar = showProgress('Scanning', path);
  try {
    using source = openFileSource(path);
    const name = basename(path);
    const report = scan(source, { name, onProgress: bar.update });
    if (report.verdict === 'malformed' || report.tensors === null) return { path, report };
    const { type, base } = identifyFile(source, { filename: name });
    return { path, report, type, base };
  } catch (error) {
    return { path, report: unreadable(path, explain(error as NodeJS.ErrnoException)) };
  } finally {
    bar.end();
  }
}

function unreadable(path: string, message: string): ScanReport {
  return {
    size: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    container: 'unknown',
    verdict: 'incomplete',
    findings: [{ rule: 'file/unreadable', severity: 'incomplete', message }],
    globals: [],
    tensors: null,
    rules: RULES_VERSION,
  };
}

function summary(files: readonly ReportedFile[]): string {
  if (files.length === 0) return 'There are no model files there.';
  const counts = new Map<string, number>();
  for (const { report } of files) counts.set(report.verdict, (counts.get(report.verdict) ?? 0) + 1);
  return `${files.length} files: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}.`;
}
