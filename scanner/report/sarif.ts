import { createHash } from 'node:crypto';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReportedFile } from './json.ts';
import { RULES } from './rules.ts';
import type { Finding, Severity } from './types.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const BASE = '%SRCROOT%';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  note: 'note',
  suspicious: 'warning',
  incomplete: 'warning',
  malformed: 'warning',
  dangerous: 'error',
};

/** What code-scanning services sort by, from 0 to 10. */
const WEIGHTS: Readonly<Record<Severity, string>> = {
  note: '0.0',
  suspicious: '5.0',
  incomplete: '5.0',
  malformed: '6.0',
  dangerous: '9.5',
};

/** Findings about the run itself, which SARIF keeps apart as notifications as well. */
const RUN_RULES: ReadonlySet<string> = new Set(['file/unreadable', 'scan/stopped']);

/**
 * The report as SARIF 2.1.0 (OASIS). Paths below `root` are given relative to it, others as `file:` URIs. A place
 * inside a member of an archive is a place in a nested artifact, whose parent is the file.
 */
export function reportSarif(
  files: readonly ReportedFile[],
  scannerVersion: string,
  root: string,
  folder?: object,
): object {
  const artifacts = new Artifacts(root);
  const ruleIds = [...RULES.keys()];
  const results: object[] = [];
  const notifications: object[] = [];
  for (const file of files) {
    const seen = new Map<string, number>();
    const index = artifacts.addFile(file);
    for (const finding of file.report.findings) {
      const locations = [artifacts.locate(index, finding)];
      if (RUN_RULES.has(finding.rule)) notifications.push(notify(finding, locations));
      results.push({
        ruleId: finding.rule,
        ...(RULES.has(finding.rule) && { ruleIndex: ruleIds.indexOf(finding.rule) }),
        level: LEVELS[finding.severity],
        message: { text: finding.message },
        locations,
        ...artifacts.relate(index, finding),
        partialFingerprints: { 'weighhouseFinding/v1': fingerprint(finding, seen) },
        properties: {
          severity: finding.severity,
          ...(finding.global !== undefined && { global: finding.global }),
          ...(finding.call !== undefined && { call: finding.call }),
        },
      });
    }
  }
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Weighhouse', semanticVersion: scannerVersion, rules: ruleIds.map(describeRule) } },
        originalUriBaseIds: { [BASE]: { uri: `${pathToFileURL(root).href.replace(/\/$/, '')}/` } },
        columnKind: 'utf16CodeUnits',
        ...(folder === undefined ? {} : { properties: { folder } }),
        invocations: [{ executionSuccessful: notifications.length === 0, toolExecutionNotifications: notifications }],
        artifacts: artifacts.list,
        results,
      },
    ],
  };
}

/** Every file that was scanned, clean ones too, and the members of archives that findings point into. */
class Artifacts {
  readonly list: { location: object; parentIndex?: number }[] = [];
  readonly #root: string;
  readonly #members = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  addFile({ path, report, type, base }: ReportedFile): number {
    const { verdict, container } = report;
    const artifact = {
      location: locationOf(path, this.#root),
      length: report.size,
      roles: ['analysisTarget'],
      properties: { verdict, container, ...(type !== undefined && { type }), ...(base !== undefined && { base }) },
    };
    return this.list.push(artifact) - 1;
  }

  /** The place itself: in the file, or in the member, whose offsets count from its own beginning (SARIF 3.24, 3.30). */
  locate(fileIndex: number, { where }: Finding): object {
    const { member, offset } = where ?? {};
    const index = member === undefined ? fileIndex : this.#addMember(fileIndex, member);
    return {
      physicalLocation: {
        artifactLocation: { ...this.list[index]?.location, index },
        ...(offset !== undefined && { region: { byteOffset: offset } }),
      },
      ...(member !== undefined && { logicalLocations: [{ fullyQualifiedName: member, kind: 'member' }] }),
    };
  }

  /** The file on disk that a place inside an archive is in: a member's own path says nothing of it. */
  relate(fileIndex: number, { where }: Finding): object {
    const { member, offset, opcode } = where ?? {};
    if (member === undefined) return {};
    const physicalLocation = { artifactLocation: { ...this.list[fileIndex]?.location, index: fileIndex } };
    const place = [offset !== undefined && `byte ${offset} of the entry`, opcode].filter(Boolean).join(', ');
    const text = `The archive that contains ${member.toWellFormed()}${place === '' ? '' : ` (${place})`}.`;
    return { relatedLocations: [{ id: 1, physicalLocation, message: { text } }] };
  }

  #addMember(parentIndex: number, member: string): number {
    const key = `${parentIndex} ${member}`;
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const index = this.list.push({ location: { uri: encodePath(member.split('/')) }, parentIndex }) - 1;
    this.#members.set(key, index);
    return index;
  }
}

function describeRule(id: string): object {
  const { title = id, meaning = '', severities = [] } = RULES.get(id) ?? {};
  const worst = severities.at(-1) ?? 'note';
  return {
    id,
    name: id.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: meaning },
    help: { text: `${title}. ${meaning}`, markdown: `**${title}.** ${meaning} (\`${id}\`, docs/RULES.md)` },
    defaultConfiguration: { level: LEVELS[worst] },
    properties: { tags: ['security'], 'security-severity': WEIGHTS[worst] },
  };
}

function notify({ rule, message }: Finding, locations: object[]): object {
  return { descriptor: { id: rule }, level: 'error', message: { text: message }, locations };
}

/** The same for the same finding in a later scan, though other findings come or go and bytes move. */
function fingerprint({ rule, where, global, call, message }: Finding, seen: Map<string, number>): string {
  const what = [rule, where?.member ?? '', global ?? '', call ?? (global === undefined ? message : '')];
  const key = JSON.stringify(what);
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash('sha256').update(`${key}${count}`).digest('hex').slice(0, 32);
}

function locationOf(path: string, root: string): object {
  const within = relative(root, resolve(root, path));
  const isBelow = within !== '' && within !== '..' && !within.startsWith(`..${sep}`) && !isAbsolute(within);
  return isBelow
    ? { uri: encodePath(within.split(sep)), uriBaseId: BASE }
    : { uri: pathToFileURL(resolve(root, path)).href };
}

function encodePath(parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
}
