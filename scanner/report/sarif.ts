import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ReportedFile } from './json.ts';
import { type ArtifactLocation, BASE, folderUri, locationOf } from './locations.ts';
import { RULES } from './rules.ts';
import type { Finding, Severity } from './types.ts';
import { worstSeverity } from './verdict.ts';
import { visible } from './visible.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** More results, or more bytes after gzip, and GitHub refuses the whole report. */
export const UPLOAD_LIMITS = { results: 25_000, bytes: 10_000_000, message: 2000 } as const;

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  note: 'note',
  suspicious: 'warning',
  incomplete: 'warning',
  malformed: 'warning',
  dangerous: 'error',
};

/** What code-scanning services sort by, above 0 and up to 10; notes are no matter of security. */
const WEIGHTS: Readonly<Record<Severity, string | undefined>> = {
  note: undefined,
  suspicious: '5.0',
  incomplete: '5.0',
  malformed: '6.0',
  dangerous: '9.5',
};

/** Findings about the run itself, which SARIF keeps apart as notifications as well. */
const RUN_RULES: ReadonlySet<string> = new Set(['file/unreadable', 'scan/stopped']);

/** Services that show text want a place in lines of each result, and a model file has none: its beginning. */
const BEGINNING = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 } as const;

interface Located {
  physicalLocation: { artifactLocation: ArtifactLocation & { index: number }; region: object };
  logicalLocations?: object[];
}

interface Result {
  severity: Severity;
  sarif: { ruleId: string; message: object; locations: Located[] };
}

/**
 * The report as SARIF 2.1.0 (OASIS), within GitHub's rules for uploads. The location of a finding is the file, relative to
 * `root` where it lies below it and else as a `file:` URI; the member of an archive is a logical location of it.
 */
export function reportSarif(
  files: readonly ReportedFile[],
  scannerVersion: string,
  root: string,
  folder?: object,
): object {
  const artifacts = new Artifacts(root);
  const results: Result[] = [];
  const reported = new Set<string>();
  for (const file of files) {
    const location = artifacts.add(file);
    const seen = new Map<string, number>();
    for (const finding of file.report.findings) {
      const print = fingerprint(location.uri, finding, seen);
      // The same file by another path, a symbolic link for one.
      if (reported.has(print)) continue;
      reported.add(print);
      const locations = [locate(location, finding)];
      results.push({ severity: finding.severity, sarif: describeResult(finding, locations, print) });
    }
  }
  const build = (kept: readonly Result[], listed: readonly object[]) => ({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Weighhouse', semanticVersion: scannerVersion, rules: RULE_IDS.map(describeRule) } },
        originalUriBaseIds: { [BASE]: { uri: folderUri(root) } },
        columnKind: 'utf16CodeUnits',
        ...(folder === undefined ? {} : { properties: { folder } }),
        invocations: [
          {
            executionSuccessful: !results.some(isAboutRun),
            workingDirectory: { uri: folderUri(root) },
            toolExecutionNotifications: [
              ...kept.filter(isAboutRun).map(notify),
              ...omissions(results.length - kept.length, artifacts.list.length - listed.length),
            ],
          },
        ],
        artifacts: listed,
        results: kept.map(({ sarif }) => sarif),
      },
    ],
  });
  return fitUpload(results, artifacts.list, build);
}

type Build = (results: readonly Result[], artifacts: readonly object[]) => object;

/** With as many results as an upload may have, the heaviest first, and as many as its size leaves room for. */
function fitUpload(results: readonly Result[], artifacts: readonly object[], build: Build): object {
  const heaviest =
    results.length <= UPLOAD_LIMITS.results ? results : sortHeaviest(results).slice(0, UPLOAD_LIMITS.results);
  let sarif = build(heaviest, artifacts);
  if (fits(sarif)) return sarif;
  for (let kept = heaviest.length; kept > 0; kept = Math.floor(kept / 2)) {
    const [some, listed] = withArtifacts(sortHeaviest(heaviest).slice(0, kept), artifacts);
    sarif = build(some, listed);
    if (fits(sarif)) return sarif;
  }
  return build([], []);
}

function sortHeaviest(results: readonly Result[]): Result[] {
  return results.toSorted((a, b) => {
    if (a.severity === b.severity) return 0;
    return worstSeverity(a.severity, b.severity) === a.severity ? -1 : 1;
  });
}

/** The results, and of the artifacts only those that they are about. */
function withArtifacts(results: readonly Result[], artifacts: readonly object[]): [Result[], object[]] {
  const places = new Map<number, number>();
  const moved = results.map(({ severity, sarif }) => {
    const locations = sarif.locations.map((location) => {
      const { artifactLocation, region } = location.physicalLocation;
      const index = places.get(artifactLocation.index) ?? places.size;
      places.set(artifactLocation.index, index);
      return { ...location, physicalLocation: { artifactLocation: { ...artifactLocation, index }, region } };
    });
    return { severity, sarif: { ...sarif, locations } };
  });
  return [moved, [...places.keys()].flatMap((index) => artifacts[index] ?? [])];
}

function fits(sarif: object): boolean {
  const json = Buffer.from(JSON.stringify(sarif));
  return json.length <= UPLOAD_LIMITS.bytes || gzipSync(json).length <= UPLOAD_LIMITS.bytes;
}

function omissions(results: number, artifacts: number): object[] {
  if (results === 0 && artifacts === 0) return [];
  const text =
    `Not listed: results: ${results}, files: ${artifacts}. Code-scanning services accept no larger report. ` +
    'The most severe results are listed. The text and JSON formats list all.';
  return [{ descriptor: { id: 'scan/more-findings' }, level: 'warning', message: { text } }];
}

/** Every file that was scanned, clean ones too. */
class Artifacts {
  readonly list: object[] = [];
  readonly #root: string;
  readonly #known = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  add({ path, realPath, report, type, base }: ReportedFile): ArtifactLocation & { index: number } {
    const { verdict, container } = report;
    // Services find a file of the repository only by its own path.
    const real = realPath === undefined ? undefined : locationOf(realPath, this.#root);
    const location = real?.uriBaseId === undefined ? locationOf(path, this.#root) : real;
    const known = this.#known.get(location.uri);
    if (known !== undefined) return { ...location, index: known };
    const artifact = {
      location,
      length: report.size,
      roles: ['analysisTarget'],
      properties: { verdict, container, ...(type !== undefined && { type }), ...(base !== undefined && { base }) },
    };
    const index = this.list.push(artifact) - 1;
    this.#known.set(location.uri, index);
    return { ...location, index };
  }
}

/** Offsets in a member count from its own beginning, so they are no place in the file. */
function locate(artifactLocation: ArtifactLocation & { index: number }, { where }: Finding): Located {
  const { member, offset } = where ?? {};
  const isInFile = member === undefined && offset !== undefined;
  return {
    physicalLocation: { artifactLocation, region: { ...BEGINNING, ...(isInFile && { byteOffset: offset }) } },
    ...(member !== undefined && {
      logicalLocations: [{ name: member, fullyQualifiedName: member, kind: 'member' }],
    }),
  };
}

function describeResult(finding: Finding, locations: Located[], print: string): Result['sarif'] {
  const { rule, severity, where, global, call } = finding;
  const properties = {
    severity,
    ...(where?.member !== undefined && { member: where.member }),
    ...(where?.offset !== undefined && { offset: where.offset }),
    ...(where?.opcode !== undefined && { opcode: where.opcode }),
    ...(global !== undefined && { global }),
    ...(call !== undefined && { call: shorten(call) }),
  };
  const sarif = {
    ruleId: rule,
    ...(RULES.has(rule) && { ruleIndex: RULE_IDS.indexOf(rule) }),
    level: LEVELS[severity],
    message: { text: messageText(finding) },
    locations,
    partialFingerprints: { primaryLocationLineHash: `${print}:1`, 'weighhouseFinding/v2': print },
    properties,
  };
  return sarif;
}

/** Names the member first: the location is the file. */
function messageText({ message, where }: Finding): string {
  const text = where?.member === undefined ? message : `${where.member}: ${message}`;
  return escapeMessage(shorten(visible(text)));
}

/**
 * In SARIF, `{0}` stands for an argument and `[text](target)` is a link (3.11.5 and 3.11.6), and names in a file may look
 * like either.
 */
function escapeMessage(text: string): string {
  return text.replace(/[{}]/g, '$&$&').replaceAll('](', '] (');
}

function shorten(text: string): string {
  return text.length <= UPLOAD_LIMITS.message ? text : `${text.slice(0, UPLOAD_LIMITS.message).toWellFormed()}…`;
}

const RULE_IDS: readonly string[] = [...RULES.keys()];

function describeRule(id: string): object {
  const { title = id, meaning = '', severities = [] } = RULES.get(id) ?? {};
  const worst = severities.at(-1) ?? 'note';
  const weight = WEIGHTS[worst];
  return {
    id,
    name: id.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: meaning },
    help: { text: `${title}. ${meaning}`, markdown: `**${title}.** ${meaning} (\`${id}\`, docs/RULES.md)` },
    defaultConfiguration: { level: LEVELS[worst] },
    properties: weight === undefined ? { tags: [] } : { tags: ['security'], 'security-severity': weight },
  };
}

function isAboutRun({ sarif }: Result): boolean {
  return RUN_RULES.has(sarif.ruleId);
}

function notify({ sarif: { ruleId, message, locations } }: Result): object {
  return { descriptor: { id: ruleId }, level: 'error', message, locations };
}

/** The same for the same finding of the same file in a later scan, though other findings come or go and bytes move. */
function fingerprint(uri: string, { rule, where, global, call, message }: Finding, seen: Map<string, number>): string {
  const what = [uri, rule, where?.member ?? '', global ?? '', call ?? (global === undefined ? message : '')];
  const key = JSON.stringify(what);
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash('sha256').update(`${key}${count}`).digest('hex').slice(0, 32);
}
