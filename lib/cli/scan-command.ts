import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  exitCode,
  explain,
  type FailOn,
  formatExplanation,
  formatReportText,
  openFileSource,
  type Policy,
  PolicyError,
  parsePolicy,
  type ReportedFile,
  reportJson,
  reportSarif,
} from '../../scanner/index.ts';
import { VERSION } from '../version.ts';
import { printJson, wantsColour } from './format-option.ts';
import { listFiles, explain as sentenceFor } from './list-files.ts';
import { showFileCount, showProgress } from './progress.ts';
import { type PoolFile, scanInPool } from './scan/pool.ts';
import { reportUnread, scanPath } from './scan/scan-path.ts';
import { spool } from './scan/stdin.ts';

interface Options {
  format: 'text' | 'json' | 'sarif';
  failOn: FailOn;
  jobs: number;
  policy?: string;
  name?: string;
  explain?: true;
  sarifFile?: string;
}

const STDIN = '-';
const DEFAULT_JOBS = Math.min(4, availableParallelism());
const MAX_JOBS = 256;

export function scanCommand(): Command {
  return new Command('scan')
    .description('Say whether model files are safe to load, and why.')
    .argument('<path...>', 'files, or folders of them; - is standard input')
    .addOption(
      new Option('--format <format>', 'how to print the result').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addOption(
      new Option('--fail-on <verdict>', 'let suspicious files pass')
        .choices(['suspicious', 'dangerous'])
        .default('suspicious'),
    )
    .option('--explain', 'show the instructions around each finding, and what loading the file would do')
    .option('--sarif-file <file>', 'write the report as SARIF to this file as well')
    .option('--policy <file>', 'names that you allow or deny, and limits (docs/RULES.md)')
    .option('--jobs <n>', 'files that are scanned at the same time', parseJobs, DEFAULT_JOBS)
    .option('--name <name>', 'what to call standard input, with the ending that it would have')
    .addHelpText(
      'after',
      `
Exit status: 0 all clean, 1 any dangerous, 2 any malformed, not checked to its end or unreadable, 3 any suspicious.

  weighhouse scan model.ckpt
  weighhouse scan --explain model.ckpt
  weighhouse scan ~/models --format json > report.json
  curl -L https://example.org/model.ckpt | weighhouse scan - --name model.ckpt`,
    )
    .action((paths: string[], options: Options, command: Command) => scanFiles(paths, options, command));
}

async function scanFiles(paths: string[], options: Options, command: Command): Promise<void> {
  checkUsage(paths, options, command);
  const policy = options.policy === undefined ? undefined : readPolicy(options.policy, command);
  const input = paths.includes(STDIN) ? await spool(process.stdin) : null;
  try {
    const files: PoolFile[] = [];
    for (const path of paths) {
      if (path === STDIN && input !== null)
        files.push({ path: input.path, name: options.name ?? 'stdin', problem: null });
      else for await (const file of listFiles([path])) files.push(file);
    }
    const verdicts = await (options.explain ? explainEach(files, policy) : scanEach(files, policy, options));
    process.exitCode = exitCode(verdicts, options.failOn);
  } finally {
    await input?.remove();
  }
}

type Verdict = ReportedFile['report']['verdict'];

async function scanEach(files: readonly PoolFile[], policy: Policy | undefined, options: Options): Promise<Verdict[]> {
  const { format, jobs } = options;
  const kept: ReportedFile[] = [];
  const verdicts: Verdict[] = [];
  const count = showFileCount('Scanning', files.length);
  const [only] = files;
  const scanned =
    files.length === 1 && only !== undefined
      ? [scanHere(only, policy)]
      : scanInPool(files, { jobs, policy, onDone: ({ path }) => count.tick(path) });
  try {
    for await (const file of scanned) {
      verdicts.push(file.report.verdict);
      // Text comes out file by file; the others are one document.
      if (format !== 'text' || options.sarifFile !== undefined) kept.push(file);
      if (format === 'text') count.print(`${formatReportText(file.path, file.report, { colour: wantsColour() })}\n`);
    }
  } finally {
    count.end();
  }
  const sarif = () => reportSarif(kept, VERSION, process.cwd());
  if (options.sarifFile !== undefined) writeFileSync(options.sarifFile, JSON.stringify(sarif()));
  if (format === 'json') printJson(reportJson(kept, VERSION));
  else if (format === 'sarif') printJson(sarif());
  else if (files.length !== 1) console.log(summary(verdicts));
  return verdicts;
}

function scanHere({ path, name, problem }: PoolFile, policy: Policy | undefined): ReportedFile {
  const shown = name ?? path;
  if (problem !== null) return { path: shown, report: reportUnread(path, 'file/unreadable', problem) };
  const bar = showProgress('Scanning', shown);
  try {
    return scanPath(path, { policy, name, onProgress: bar.update });
  } finally {
    bar.end();
  }
}

/** Text alone, one file after the other: nobody reads many explanations at once. */
async function explainEach(files: readonly PoolFile[], policy: Policy | undefined): Promise<Verdict[]> {
  const colour = wantsColour();
  return files.map(({ path, name, problem }) => {
    const shown = name ?? path;
    try {
      if (problem !== null) throw new Error(problem);
      using source = openFileSource(path);
      const explanation = explain(source, { name: basename(shown), ...(policy && { policy }) });
      console.log(`${formatExplanation(shown, explanation, { colour })}\n`);
      return explanation.report.verdict;
    } catch (error) {
      const report = reportUnread(path, 'file/unreadable', sentenceFor(error as NodeJS.ErrnoException));
      console.log(`${formatReportText(shown, report, { colour })}\n`);
      return report.verdict;
    }
  });
}

function checkUsage(paths: readonly string[], options: Options, command: Command): void {
  if (options.name !== undefined && !paths.includes(STDIN)) command.error('error: --name is for standard input (-).');
  if (paths.filter((path) => path === STDIN).length > 1) command.error('error: standard input (-) is there only once.');
  if (options.explain && (options.format !== 'text' || options.sarifFile !== undefined))
    command.error('error: --explain prints text only.');
}

function readPolicy(path: string, command: Command): Policy {
  try {
    return parsePolicy(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof PolicyError ? error.message : sentenceFor(error as NodeJS.ErrnoException);
    return command.error(`error: --policy ${path}: ${reason}`);
  }
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MAX_JOBS)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_JOBS}.`);
  return jobs;
}

function summary(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return 'There are no model files there.';
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return `${verdicts.length} files: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}.`;
}
