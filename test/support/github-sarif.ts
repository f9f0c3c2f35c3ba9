/**
 * GitHub's documented rules for SARIF uploads ("SARIF support for code scanning"): what it requires of a report that is
 * valid SARIF, and how much of each it takes. Returns what breaks one.
 */
import { gzipSync } from 'node:zlib';

interface Rule {
  id: string;
  name?: string;
  shortDescription?: { text: string };
  fullDescription?: { text: string };
  help?: { text: string };
  defaultConfiguration?: { level: string };
  properties?: { tags?: string[]; 'security-severity'?: string };
}

interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

interface Result {
  ruleId: string;
  level: string;
  message: { text: string };
  locations: {
    physicalLocation: { artifactLocation: { uri: string; uriBaseId?: string }; region: Region };
    logicalLocations?: { name: string; fullyQualifiedName: string }[];
  }[];
  partialFingerprints: { primaryLocationLineHash: string };
  properties: { severity: string };
}

export interface GithubSarif {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; rules: Rule[] } };
    originalUriBaseIds: Record<string, { uri: string }>;
    invocations: {
      executionSuccessful: boolean;
      workingDirectory: { uri: string };
      toolExecutionNotifications: { message: { text: string } }[];
    }[];
    artifacts: { location: { uri: string } }[];
    results: Result[];
  }[];
}

const LEVELS = ['note', 'warning', 'error'];
/** Characters of a URI, percent-encoded where they are others (RFC 3986). */
const URI = /^(?:[\w\-.~:/@!$&'()*+,;=]|%[\dA-F]{2})+$/;

export function breaksOfGithub(sarif: GithubSarif): string[] {
  const breaks: string[] = [];
  const must = (holds: boolean, what: string) => holds || breaks.push(what);
  must(sarif.version === '2.1.0' && URL.canParse(sarif.$schema), 'version and $schema');
  must(sarif.runs.length <= 20, 'runs');
  must(gzipSync(JSON.stringify(sarif)).length <= 10 * 1024 * 1024, 'bytes after gzip');
  for (const { tool, results, invocations, originalUriBaseIds } of sarif.runs) {
    const { rules, name } = tool.driver;
    must(name !== '', 'name of the tool');
    must(rules.length <= 25_000 && new Set(rules.map(({ id }) => id)).size === rules.length, 'rules');
    for (const rule of rules) checkRule(rule, must);
    must(results.length <= 25_000, 'results');
    const [invocation] = invocations;
    const bases = [invocation?.workingDirectory.uri ?? '', ...Object.values(originalUriBaseIds).map(({ uri }) => uri)];
    for (const base of bases) must(base.startsWith('file:///') && base.endsWith('/'), `base ${base}`);
    for (const result of results) {
      must(
        rules.some(({ id }) => id === result.ruleId),
        `rule ${result.ruleId}`,
      );
      checkResult(result, must);
    }
  }
  return breaks;
}

type Must = (holds: boolean, what: string) => void;

function checkRule(rule: Rule, must: Must): void {
  const texts = [rule.shortDescription?.text, rule.fullDescription?.text];
  for (const text of texts) must(text !== undefined && text !== '' && text.length <= 1024, `description of ${rule.id}`);
  must((rule.help?.text ?? '') !== '', `help of ${rule.id}`);
  must((rule.name ?? '').length <= 255, `name of ${rule.id}`);
  must(LEVELS.includes(rule.defaultConfiguration?.level ?? 'warning'), `level of ${rule.id}`);
  must((rule.properties?.tags ?? []).length <= 10, `tags of ${rule.id}`);
  const weight = rule.properties?.['security-severity'];
  if (weight === undefined) return;
  must(Number(weight) > 0 && Number(weight) <= 10, `security-severity of ${rule.id}`);
  must(rule.properties?.tags?.includes('security') === true, `tag security of ${rule.id}`);
}

function checkResult({ message, level, locations, partialFingerprints }: Result, must: Must): void {
  must(message.text !== '' && LEVELS.includes(level), 'message and level');
  must(locations.length >= 1 && locations.length <= 10, 'locations');
  must(partialFingerprints.primaryLocationLineHash !== '', 'primaryLocationLineHash');
  for (const { physicalLocation } of locations) {
    const { artifactLocation, region } = physicalLocation;
    const { uri, uriBaseId } = artifactLocation;
    must(URI.test(uri), `URI ${uri}`);
    must(uri.startsWith('file:///') ? uriBaseId === undefined : !/^[/\\]/.test(uri) && uriBaseId !== undefined, uri);
    const { startLine, startColumn, endLine, endColumn } = region;
    const numbers = [startLine, startColumn, endLine, endColumn];
    must(
      numbers.every((number) => Number.isInteger(number) && number >= 1),
      'region',
    );
  }
}
