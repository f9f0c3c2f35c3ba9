// `npm run docs`: writes docs/RULES.md anew from the rules themselves, each with an example that the scanner makes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportUnread, scanPath } from '#lib/cli/scan/scan-path.ts';
import { bytesSource, type Finding, RULES, type RuleId, type ScanReport, scan } from '#scanner/index.ts';
import { type ContentRule, findRuleExample } from '#test/fixtures/rule-examples.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'RULES.md');
const MAX_BYTES_SHOWN = 100;

const AREAS: Readonly<Record<string, string>> = {
  pickle: 'Pickles',
  zip: 'Zip archives',
  safetensors: 'safetensors',
  torch: 'Files of torch.save',
  tensor: 'Tensors',
  container: 'Containers',
  file: 'Files',
  policy: 'Policies',
  scan: 'The scan itself',
};

const INTRODUCTION = `# Rules

Every finding of \`weighhouse scan\` carries the id of its rule. This page is written by \`npm run docs\` from
\`scanner/report/rules.ts\`; each example is what the scanner says about a small, harmless file of its own tests.

A file gets the highest severity of its findings as its verdict: \`note\` (never changes it) < \`suspicious\` <
\`incomplete\` < \`malformed\` < \`dangerous\`. A rule with several severities takes the lower one where no loader would run
the bytes by itself, or where the arguments are odd and harmless.`;

/** What stands above the rules of an area. */
const ABOUT: Readonly<Record<string, string>> = {
  policy: `\`weighhouse scan --policy FILE\` reads a JSON file, and so does \`parsePolicy\` of the library:

\`\`\`json
{ "allow": ["my_pkg.MyClass"], "deny": ["collections.Counter", "other_pkg.*"], "limits": { "milliseconds": 10000, "pickle": { "opcodes": 100000 } } }
\`\`\`

- \`allow\` names Python objects, each in full, that no person needs to look at any more. It answers
  \`pickle/global-unknown\` and \`pickle/global-known-class\` and nothing else: the finding becomes a note, so that the
  report still says what the file needs, and every other fault of the file keeps its weight.
- There is no way to allow what the rules call dangerous, not even a switch for it. A policy lives on for years, in a
  repository where many can change it, and covers every file that is ever scanned; one such line would turn off the alarm
  for a file from anywhere. A file that is wanted all the same can be left out of the scan, which shows. A policy that
  tries is refused before anything is scanned, as is one with a key or a limit that does not exist.
- \`allow\` takes no patterns, since a package that holds one harmless class as a rule holds a harmful function as well.
- \`deny\` names objects, or with \`.*\` at the end all of a package, that make a file dangerous. It outweighs \`allow\` and
  the rules' own list. It looks at the names that a file's pickles bring in, not into pickles that lie in them as data.
- \`limits\` replaces limits of a scan ([LIMITS.md](LIMITS.md)).`,
};

/** The page. Throws where a rule has no example, or one that does not set it off. */
export function makeRulesPage(): string {
  const parts = [INTRODUCTION];
  let area = '';
  for (const [id, { title, meaning, severities }] of RULES) {
    const [prefix = ''] = id.split('/');
    if (prefix !== area) parts.push(`## ${AREAS[prefix] ?? prefix}`);
    if (prefix !== area && ABOUT[prefix] !== undefined) parts.push(ABOUT[prefix]);
    area = prefix;
    const words = severities.map((severity) => `**${severity}**`).join(' or ');
    parts.push(`### \`${id}\`\n\n${title}. ${meaning}\n\nSeverity: ${words}.`, makeExample(id as RuleId));
  }
  return `${parts.join('\n\n')}\n`;
}

function makeExample(rule: RuleId): string {
  const { report, bytes } = run(rule);
  const finding = report.findings.find((one) => one.rule === rule);
  if (finding === undefined) throw new Error(`The example of ${rule} does not set it off.`);
  const lines = [`${finding.severity}: ${printable(finding.message)}`];
  if (finding.call !== undefined) lines.push(`call: ${printable(finding.call)}`);
  const place = describePlace(finding);
  if (place !== '') lines.push(`at: ${place}`);
  lines.push(`container: ${report.container} · verdict: ${report.verdict}`);
  if (bytes !== null && report.container === 'pickle' && bytes.length <= MAX_BYTES_SHOWN)
    lines.unshift(`file: ${asPython(bytes)}`);
  return `\`\`\`text\n${lines.join('\n')}\n\`\`\``;
}

function run(rule: RuleId): { report: ScanReport; bytes: Uint8Array | null } {
  if (rule === 'file/unreadable') return { report: scanPath('no such folder/model.ckpt').report, bytes: null };
  if (rule === 'scan/stopped')
    return {
      report: reportUnread('model.ckpt', rule, 'The scan of this file broke off (it ran out of memory).'),
      bytes: null,
    };
  const { bytes, options } = findRuleExample(rule satisfies ContentRule);
  return { report: scan(bytesSource(bytes), options), bytes };
}

function describePlace({ where }: Finding): string {
  const { member, offset, opcode } = where ?? {};
  return [member && printable(member), offset === undefined ? '' : `byte ${offset}`, opcode].filter(Boolean).join(', ');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e…]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function asPython(bytes: Uint8Array): string {
  const characters = [...bytes].map((byte) => {
    if (byte === 0x0a) return '\\n';
    if (byte === 0x27 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `b'${characters.join('')}'`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, makeRulesPage());
