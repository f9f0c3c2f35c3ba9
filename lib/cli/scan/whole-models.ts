import { join, relative, sep } from 'node:path';
import { FILE_KINDS, type FileKind } from '#scanner/members/index.ts';
import { type FileGroup, groupModelFiles } from '#scanner/multi-file/index.ts';
import { type Finding, type ReportedFile, type ScanReport, verdictOf } from '#scanner/report/index.ts';
import { plain } from '../terminal-text.ts';
import type { FoundFile } from './find-files.ts';
import type { PassedOver } from './passed-over.ts';
import type { ExplainedFile } from './scan-path.ts';

type Verdict = ScanReport['verdict'];

/** A model in several files, to be looked at as a whole after them. */
export interface WholeTask extends FoundFile {
  group: FileGroup;
}

/** A model in several files with one verdict. */
export interface WholeModel {
  /** Its folder, or its index where other models may lie next to it. */
  path: string;
  kind: FileGroup['kind'];
  /** The worst of its files, and of what is wrong with the whole. */
  verdict: Verdict;
  /** Files that were scanned, below the folder. */
  files: { path: string; verdict: Verdict }[];
  /** Named by the index, and not there. */
  missing: readonly string[];
  findings: readonly Finding[];
  tensors: number | null;
  type?: string;
  base?: string;
}

/** The models in several files among those that were found in folders. */
export function findWholes(files: readonly FoundFile[]): WholeTask[] {
  const paths = files.filter(({ isFound, passed }) => isFound && passed === undefined).map(({ path }) => toPosix(path));
  return groupModelFiles(paths).map((group) => ({
    path: group.root === '' ? '.' : toNative(group.root),
    name: nameOf(group),
    problem: null,
    isFound: true,
    group,
  }));
}

/** One verdict for all files of a model. */
export function judgeWhole(
  { group }: WholeTask,
  { path, report, model, type, base }: ExplainedFile,
  scanned: ReadonlyMap<string, Verdict>,
  passedOver: readonly PassedOver[],
): WholeModel {
  const own = (file: string) => toNative(group.root === '' ? file : `${group.root}/${file}`);
  const names = new Set([...group.files, ...(model?.weights ?? []).map((file) => file.path)]);
  const files = [...names].flatMap((file) => {
    const verdict = scanned.get(own(file));
    return verdict === undefined ? [] : [{ path: file, verdict }];
  });
  const findings = [
    ...report.findings,
    ...(group.kind === 'diffusers' ? findCode(toNative(group.root), passedOver) : []),
  ];
  const verdict = verdictOf([...findings, ...files.map(({ verdict: one }) => standIn(one))]);
  return {
    path,
    kind: group.kind,
    verdict,
    files,
    missing: model?.missing ?? [],
    findings,
    tensors: report.tensors,
    ...(type === undefined ? {} : { type }),
    ...(base === undefined ? {} : { base }),
  };
}

/** A verdict as what it weighs among findings. */
function standIn(verdict: Verdict): Finding {
  return { rule: 'model/tensors', severity: verdict === 'clean' ? 'note' : verdict, message: '' };
}

/** Scripts and the like in the folder of a model: programs that load it may import them. */
function findCode(root: string, passedOver: readonly PassedOver[]): Finding[] {
  return passedOver.flatMap(({ path, reason }) => {
    const within = relative(root, path);
    const isInside = within !== '' && !within.startsWith(`..${sep}`);
    if (!isInside || !Object.hasOwn(FILE_KINDS, reason) || FILE_KINDS[reason as FileKind].judgement !== 'code')
      return [];
    return [
      {
        rule: 'member/names-code',
        severity: 'suspicious',
        message: `The folder contains code or names it: ${plain(toPosix(within))} (${reason}). Programs that load the model may run it.`,
        where: { member: toPosix(within) },
      },
    ];
  });
}

function nameOf({ kind, root, index, files }: FileGroup): string {
  const folder = root === '' ? '.' : toNative(root);
  return kind === 'diffusers' ? folder : join(folder, index ?? files[0] ?? '');
}

/** What is wrong with the whole, as of the file that names the others. Nothing where nothing is. */
export function reportWhole(
  { group }: WholeTask,
  model: WholeModel | undefined,
  file: ExplainedFile | undefined,
): ReportedFile[] {
  if (model === undefined || file === undefined || model.findings.length === 0) return [];
  const path = join(group.root === '' ? '.' : toNative(group.root), group.index ?? group.files[0] ?? '');
  return [{ path, report: { ...file.report, verdict: verdictOf(model.findings), findings: [...model.findings] } }];
}

/** The same for people. */
export function formatWhole({ path, kind, verdict, files, missing, findings, type, base }: WholeModel): string {
  const what = [type, base].filter((one) => one !== undefined && one !== 'unknown').join(', ');
  const kindWords = kind === 'diffusers' ? 'diffusers folder' : 'model in several files';
  const worst = files.filter((file) => file.verdict !== 'clean');
  return [
    `${plain(path)}: ${verdict}`,
    `  ${kindWords}${what === '' ? '' : ` (${plain(what)})`}, ${files.length} files with weights scanned`,
    ...worst.map((file) => `  ${file.verdict}: ${plain(file.path)}`),
    ...(missing.length > 0
      ? [`  missing: ${missing.slice(0, 10).map(plain).join(', ')}${missing.length > 10 ? '…' : ''}`]
      : []),
    ...findings.map(({ rule, severity, message }) => `  ${severity} ${rule}: ${plain(message)}`),
    '',
  ].join('\n');
}

function toPosix(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

function toNative(path: string): string {
  return sep === '/' ? path : path.replaceAll('/', sep);
}
