import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { LimitChanges, Policy } from '#scanner/index.ts';
import { LimitError, parseLimits } from '#scanner/parse-limits.ts';
import {
  exitCode,
  type FailOn,
  formatReportText,
  type ReportedFile,
  reportJson,
  reportSarif,
} from '#scanner/report/index.ts';
import { VERSION } from '../version.ts';
import { printJson } from './format-option.ts';
import { listFiles, explain as sentenceFor } from './list-files.ts';
import { showFileCount } from './progress.ts';
import { type PoolFile, scanFiles, spool } from './scan/index.ts';
import { wantsColour } from './terminal-text.ts';

interface Options {
  format: 'text' | 'json' | 'sarif';
  failOn: FailOn;
  jobs: number;
  policy?: string;
  name?: string;
  explain?: true;
  sarifFile?: string;
  limit?: LimitChanges;
}

const STDIN = '-';
const DEFAULT_JOBS = Math.min(4, availableParallelism());
const MAX_JOBS = 256;

export function scanCommand(): Command {
  return new Command('scan')
    .argument('<path...>', 'files or folders; - reads standard input')
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json', 'sarif']).default('text'))
    .addOption(
      new Option('--fail-on <verdict>', 'lowest verdict that sets the exit status')
        .choices(['suspicious', 'dangerous'])
        .default('suspicious'),
    )
    .option('--explain', 'show the instructions around each finding, and what loading the file would do')
    .option('--sarif-file <file>', 'also write the report to this file as SARIF')
    .option('--policy <file>', 'policy file that allows or denies Python objects and sets limits (docs/RULES.md)')
    .option(
      '--limit <name=value>',
      'change a limit, e.g. pickleBytes=64MB or milliseconds=10s (docs/LIMITS.md)',
      addLimit,
    )
    .option('--jobs <n>', 'number of files to scan in parallel', parseJobs, DEFAULT_JOBS)
    .option('--name <name>', 'file name for standard input, with its extension')
    .addHelpText(
      'after',
      `
Exit status: 0 all files clean, 1 any file dangerous, 2 any file malformed, incomplete or unreadable, 3 any file suspicious.

  weighhouse scan model.ckpt
  weighhouse scan --explain model.ckpt
  weighhouse scan ~/models --format json > report.json
  curl -L https://example.org/model.ckpt | weighhouse scan - --name model.ckpt`,
    )
    .action((paths: string[], options: Options, command: Command) => scanPaths(paths, options, command));
}

async function scanPaths(paths: string[], options: Options, command: Command): Promise<void> {
  checkUsage(paths, options, command);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy, command);
  const input = paths.includes(STDIN) ? await spool(process.stdin) : null;
  try {
    const files: PoolFile[] = [];
    for (const path of paths) {
      if (path === STDIN && input !== null)
        files.push({ path: input.path, name: options.name ?? 'stdin', problem: null });
      else for (const file of listFiles([path])) files.push(file);
    }
    const verdicts = await scanEach(files, policy, options);
    process.exitCode = exitCode(verdicts, options.failOn);
  } finally {
    await input?.remove();
  }
}

type Verdict = ReportedFile['report']['verdict'];

async function scanEach(files: readonly PoolFile[], policy: Policy | undefined, options: Options): Promise<Verdict[]> {
  const { format, jobs } = options;
  const reported: ReportedFile[] = [];
  const verdicts: Verdict[] = [];
  const count = await showFileCount('Scanning', files.length);
  const colour = wantsColour();
  const explain = options.explain && { colour };
  // The text shows neither type nor base model.
  const identify = format !== 'text' || options.sarifFile !== undefined;
  const onDone = ({ path }: { path: string }) => count.tick(path);
  try {
    for await (const file of scanFiles(files, { jobs, policy, limits: options.limit, explain, identify, onDone })) {
      verdicts.push(file.report.verdict);
      // Text comes out file by file; the others are one document.
      if (format !== 'text' || options.sarifFile !== undefined) reported.push(file);
      const text = file.explanation ?? formatReportText(file.path, file.report, { colour });
      if (format === 'text') count.print(`${text}\n`);
    }
  } finally {
    count.end();
  }
  const sarif = () => reportSarif(reported, VERSION, process.cwd());
  if (options.sarifFile !== undefined) writeFileSync(options.sarifFile, JSON.stringify(sarif()));
  if (format === 'json') printJson(reportJson(reported, VERSION));
  else if (format === 'sarif') printJson(sarif());
  else if (files.length !== 1) console.log(summary(verdicts));
  return verdicts;
}

function checkUsage(paths: readonly string[], options: Options, command: Command): void {
  if (options.name !== undefined && !paths.includes(STDIN))
    command.error('error: --name can only be used with standard input (-).');
  if (paths.filter((path) => path === STDIN).length > 1)
    command.error('error: standard input (-) can only be used once.');
  if (options.explain && (options.format !== 'text' || options.sarifFile !== undefined))
    command.error('error: --explain supports text output only.');
}

async function readPolicy(path: string, command: Command): Promise<Policy> {
  // Few scans have one, and its reader takes a while to load.
  const { PolicyError, parsePolicy } = await import('#scanner/parse-policy.ts');
  try {
    return parsePolicy(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof PolicyError ? error.message : sentenceFor(error);
    return command.error(`error: --policy ${path}: ${reason}`);
  }
}

/** Each `--limit` adds one. */
function addLimit(text: string, before: LimitChanges = {}): LimitChanges {
  try {
    const { pickle, ...rest } = parseLimits([text]);
    return { ...before, ...rest, ...(pickle && { pickle: { ...before.pickle, ...pickle } }) };
  } catch (error) {
    if (error instanceof LimitError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MAX_JOBS)
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MAX_JOBS}.`);
  return jobs;
}

function summary(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return 'No model files found.';
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return `${verdicts.length} files: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}.`;
}
