import { readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { HashedReport, LimitChanges, Policy } from '#scanner/index.ts';
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
import { EXIT_FAILED } from './exit-codes.ts';
import { printJson } from './format-option.ts';
import { explain as sentenceFor } from './list-files.ts';
import { showFileCount } from './progress.ts';
import {
  type ExplainedFile,
  type FolderScan,
  type FoundFile,
  findFiles,
  findWholes,
  folderJson,
  formatFolderText,
  formatWhole,
  judgeWhole,
  passOver,
  reportWhole,
  scanFiles,
  spool,
  type WholeTask,
} from './scan/index.ts';
import { wantsColour } from './terminal-text.ts';

interface Options {
  format: (typeof FORMATS)[number];
  failOn: FailOn;
  jobs: number;
  policy?: string;
  name?: string;
  explain?: true;
  strict?: true;
  sarifFile?: string;
  limit?: LimitChanges;
}

const FORMATS = ['text', 'json', 'sarif', 'cyclonedx'] as const;

const STDIN = '-';
const DEFAULT_JOBS = Math.min(4, availableParallelism());
const MAX_JOBS = 256;

export function scanCommand(): Command {
  return new Command('scan')
    .argument('<path...>', 'files or folders; - reads standard input')
    .addOption(new Option('--format <format>', 'output format').choices(FORMATS).default('text'))
    .addOption(
      new Option('--fail-on <verdict>', 'lowest verdict that sets the exit status')
        .choices(['suspicious', 'dangerous'])
        .default('suspicious'),
    )
    .option('--strict', 'fail when a folder contains a file that was not scanned and is not known to be harmless')
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
In a folder, every file is looked at, hidden ones too: those that are models by their content or their name are scanned, and
the report counts the others by what they are. Shards with an index (*.index.json) and diffusers folders (model_index.json)
are also one model each, with one verdict: the worst of its files, or incomplete where some are missing. Git's own folders (.git) are left out.

Exit status: 0 all files clean, 1 any file dangerous, 2 any file malformed, incomplete or unreadable (with --strict: or not
scanned and not known to be harmless), 3 any file suspicious.

  weighhouse scan model.ckpt
  weighhouse scan --explain model.ckpt
  weighhouse scan ~/models --format json > report.json
  weighhouse scan ~/models --format cyclonedx > models.cdx.json
  curl -L https://example.org/model.ckpt | weighhouse scan - --name model.ckpt`,
    )
    .action((paths: string[], options: Options, command: Command) => scanPaths(paths, options, command));
}

async function scanPaths(paths: string[], options: Options, command: Command): Promise<void> {
  checkUsage(paths, options, command);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy, command);
  const input = paths.includes(STDIN) ? await spool(process.stdin) : null;
  try {
    const files: FoundFile[] = [];
    for (const path of paths) {
      if (path === STDIN && input !== null)
        files.push({ path: input.path, name: options.name ?? 'stdin', problem: null, isFound: false });
      else for (const file of findFiles(path)) files.push(file);
    }
    const hasFolder = paths.some((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
    const { verdicts, passedOver } = await scanEach(files, hasFolder, policy, options);
    const code = exitCode(verdicts, options.failOn);
    const isSure = passedOver.every(({ isHarmless }) => isHarmless);
    process.exitCode = options.strict && !isSure && code !== 1 ? EXIT_FAILED : code;
  } finally {
    await input?.remove();
  }
}

type Verdict = ReportedFile['report']['verdict'];

interface Scanned {
  verdicts: Verdict[];
  passedOver: FolderScan['passedOver'];
}

async function scanEach(
  files: readonly FoundFile[],
  hasFolder: boolean,
  policy: Policy | undefined,
  options: Options,
): Promise<Scanned> {
  const { format, jobs } = options;
  const reported: ReportedFile[] = [];
  const verdicts: Verdict[] = [];
  const scanned = new Map<string, Verdict>();
  const passedOver = files.flatMap(({ path, passed }) => (passed === undefined ? [] : [passOver(path, passed)]));
  const open = files.filter(({ passed }) => passed === undefined);
  const wholes = findWholes(open);
  const done: { task: WholeTask; file: ExplainedFile }[] = [];
  const count = await showFileCount('Scanning', open.length);
  const colour = wantsColour();
  const explain = options.explain && { colour };
  // The text shows neither type nor base model.
  const identify = format !== 'text' || options.sarifFile !== undefined;
  const onDone = ({ path }: { path: string }) => count.tick(path);
  try {
    let index = -1;
    for await (const file of scanFiles([...open, ...wholes], {
      jobs,
      policy,
      limits: options.limit,
      explain,
      identify,
      onDone,
    })) {
      index += 1;
      const task = wholes[index - open.length];
      if (task !== undefined) {
        done.push({ task, file });
        continue;
      }
      if (file.passed !== undefined) {
        passedOver.push(passOver(file.path, file.passed));
        continue;
      }
      verdicts.push(file.report.verdict);
      if (wholes.length > 0) scanned.set(open[index]?.path ?? '', file.report.verdict);
      // Text comes out file by file; the others are one document.
      if (format !== 'text' || options.sarifFile !== undefined) reported.push(file);
      const text = file.explanation ?? formatReportText(file.path, file.report, { colour });
      if (format === 'text') count.print(`${text}\n`);
    }
  } finally {
    count.end();
  }
  const fileCount = verdicts.length;
  const models = done.map(({ task, file }) => judgeWhole(task, file, scanned, passedOver));
  verdicts.push(...models.map(({ verdict }) => verdict));
  const links = open.flatMap(({ path, link }) => (link === undefined ? [] : [{ path, target: link }]));
  const folder: FolderScan | undefined = hasFolder ? { scanned: fileCount, passedOver, links } : undefined;
  const facts = (detail: 'counts' | 'all') => folder && folderJson(folder, detail);
  const sarif = () =>
    reportSarif(
      [...reported, ...wholes.flatMap((task, at) => reportWhole(task, models[at], done[at]?.file))].map(withRealPath),
      VERSION,
      process.cwd(),
      facts('counts'),
    );
  if (options.sarifFile !== undefined) writeFileSync(options.sarifFile, JSON.stringify(sarif()));
  if (format === 'json')
    printJson({ ...reportJson(reported, VERSION, facts('all')), ...(models.length === 0 ? {} : { models }) });
  else if (format === 'sarif') printJson(sarif());
  else if (format === 'cyclonedx') printJson(await reportBom(reported, open));
  else {
    const text = folder === undefined ? '' : formatFolderText(folder);
    if (text !== '') console.log(`${text}\n`);
    for (const model of models) console.log(formatWhole(model));
    if (folder !== undefined || fileCount !== 1) console.log(summary(verdicts.slice(0, fileCount)));
  }
  return { verdicts, passedOver };
}

/** An ML-BOM, with the hashes of each file: few scans want one, so what makes it is loaded here. */
async function reportBom(reported: readonly ReportedFile[], found: readonly FoundFile[]): Promise<object> {
  const { reportCycloneDx } = await import('#scanner/cyclonedx.ts');
  const { hashFile } = await import('#scanner/hashes/index.ts');
  // What came from standard input is reported under a name that is not its path.
  const paths = new Map(found.map(({ path, name }) => [name ?? path, path]));
  const files: HashedReport[] = [];
  for (const file of reported) {
    const hashes = await hashFile(paths.get(file.path) ?? file.path).catch(() => null);
    files.push(hashes === null ? file : { ...file, hashes });
  }
  return reportCycloneDx(files, VERSION, process.cwd());
}

function withRealPath(file: ReportedFile): ReportedFile {
  try {
    const realPath = realpathSync(file.path);
    return realPath === resolve(file.path) ? file : { ...file, realPath };
  } catch {
    return file;
  }
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
