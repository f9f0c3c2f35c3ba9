import { basename, join } from 'node:path';
import { type LimitChanges, mergeLimits } from '../limits.ts';
import { appearanceOf, FILE_KINDS, findConstructors, isCodeName, isYamlName } from '../members/index.ts';
import {
  boundFindings,
  type ContainerKind,
  type Finding,
  RULES_VERSION,
  type ScanReport,
  type Verdict,
  verdictOf,
} from '../report/index.ts';
import { scan } from '../scan.ts';
import { siftFile, siftScanned } from '../sift.ts';
import { type FileSource, openFileSource } from '../source.ts';
import { checkModel } from './check-model.ts';
import type { FileGroup } from './types.ts';

/** What one file of a model in several was found to be. */
export interface PartReport {
  path: string;
  container: ContainerKind;
  verdict: Verdict;
}

/** The report on the whole: `verdict` is the worst of all files and of what they are together. */
export interface WholeReport extends ScanReport {
  parts: PartReport[];
}

/** A text is read this far: longer ones are not checked. */
const MAX_TEXT = 64 * 1024 * 1024;

/**
 * Scans every file of a model in several, and the model as a whole: files that its index names and that are missing,
 * tensors that are elsewhere. Configurations and tokenizers are judged by their content. Throws the system's error.
 */
export function scanModel(
  root: string,
  group: Pick<FileGroup, 'kind' | 'index' | 'files'>,
  { limits, onProgress }: { limits?: LimitChanges | undefined; onProgress?: (fraction: number) => void } = {},
): WholeReport {
  const parts: PartReport[] = [];
  const findings: Finding[] = [];
  const globals = new Map<string, ScanReport['globals'][number]>();
  for (const [index, path] of group.files.entries()) {
    onProgress?.(index / (group.files.length + 1));
    using source = openFileSource(join(root, path));
    const report = scanPart(source, path, limits);
    parts.push({ path, container: report.container, verdict: report.verdict });
    for (const { where, ...finding } of report.findings)
      findings.push({ ...finding, where: { ...where, member: where?.member ? `${path}/${where.member}` : path } });
    for (const used of report.globals) {
      const known = globals.get(used.name);
      globals.set(used.name, known === undefined ? used : { ...known, count: known.count + used.count });
    }
  }
  const whole = checkModel(root, group);
  findings.push(...whole.findings);
  onProgress?.(1);
  return {
    size: whole.bytes,
    container: 'unknown',
    // Of all of them, also those that are not listed.
    verdict: verdictOf(findings),
    findings: boundFindings(findings, mergeLimits(undefined, limits).findings),
    globals: [...globals.values()],
    tensors: whole.tensors,
    rules: RULES_VERSION,
    parts,
  };
}

type PartScan = Pick<ScanReport, 'container' | 'verdict' | 'findings' | 'globals'>;

function scanPart(source: FileSource, path: string, limits: LimitChanges | undefined): PartScan {
  const name = basename(path);
  if (source.size > 0 && siftFile(source, name) === null) {
    const report = scan(source, { name, ...(limits && { limits }) });
    if (siftScanned(source, name, report) === null) return report;
  }
  const findings = judgePart(source, path);
  return { container: 'unknown', verdict: verdictOf(findings), findings, globals: [] };
}

/** What a file that is no model is by its content: harmless, or a finding. */
function judgePart(source: FileSource, path: string): Finding[] {
  if (source.size === 0) return [];
  const { kind, what } = appearanceOf(source, MAX_TEXT);
  const { judgement } = FILE_KINDS[kind];
  const name = basename(path);
  const notChecked = (reason: string): Finding => ({
    rule: 'member/not-checked',
    severity: 'incomplete',
    message: `The file ${JSON.stringify(path)} was not checked: ${reason}.`,
  });
  if (isCodeName(name) || judgement === 'code')
    return [
      {
        rule: 'zip/program',
        severity: 'suspicious',
        message: `The model contains program code (${path}), which model weights do not need.`,
      },
    ];
  if (judgement === 'unchecked') return [notChecked(what === null ? 'its format is unknown' : `it is ${what}`)];
  if (kind !== 'text') return [];
  if (source.size > MAX_TEXT) return [notChecked('it is too long')];
  const { found, whole } = findConstructors(source, isYamlName(name));
  const findings = found.map(
    ({ name: code, key, severity }): Finding => ({
      rule: 'member/names-code',
      severity,
      message: `The configuration ${path} names ${code.slice(0, 200)} (${key}). Programs that use it import, call or evaluate that.`,
    }),
  );
  return whole ? findings : [...findings, notChecked('it is YAML that is too long or cannot be read')];
}
