import { canonicalName, printable } from '../pickle/index.ts';
import type { Finding, GlobalUse } from '../report/index.ts';
import type { Policy } from './policy.ts';

/** Findings that say no more than that a person should look at a name. Only these can be answered by a policy. */
const ANSWERABLE: ReadonlySet<string> = new Set(['pickle/global-unknown', 'pickle/global-known-class']);

/**
 * The findings as the policy changes them: a name that it allows becomes a note, a name that it denies a dangerous
 * finding, also where only a pickle inside a text of the file has it. What the rules call dangerous stays so, and so does every other fault of the file.
 */
export function applyPolicy(
  findings: readonly Finding[],
  globals: readonly GlobalUse[],
  nestedNames: readonly string[],
  policy: Policy,
): Finding[] {
  const allows = (name: string) => policy.allow.has(canonicalName(name)) && !denies(policy, name);
  const changed = findings.map((finding): Finding => {
    if (!ANSWERABLE.has(finding.rule) || finding.global === undefined || !allows(finding.global)) return finding;
    return {
      ...finding,
      rule: 'policy/allowed',
      severity: 'note',
      message: `The file uses the Python object ${finding.global}, which your policy allows.`,
    };
  });
  for (const { name } of globals) {
    if (!denies(policy, name)) continue;
    const shown = printable(name);
    const where = findings.find(({ global }) => global === shown)?.where;
    const message = `The file uses the Python object ${shown}, which your policy denies.`;
    changed.push({ rule: 'policy/denied', severity: 'dangerous', ...(where && { where }), global: shown, message });
  }
  for (const name of nestedNames) {
    if (!denies(policy, name) || globals.some((use) => use.name === name)) continue;
    const shown = printable(name);
    const message = `A pickle in a string of the file uses the Python object ${shown}, which your policy denies.`;
    changed.push({ rule: 'policy/denied', severity: 'dangerous', global: shown, message });
  }
  const unsaid = findUnreported(changed, globals, allows);
  return unsaid === null ? changed : [...changed, unsaid];
}

function denies(policy: Policy, name: string): boolean {
  const canonical = canonicalName(name);
  return policy.deny.some((denied) =>
    denied.endsWith('.*') ? canonical.startsWith(denied.slice(0, -1)) : canonical === denied,
  );
}

/**
 * A report lists only so many names of a kind. Where the policy allows all that are listed, one that is not listed must
 * not slip through with them.
 */
function findUnreported(
  findings: readonly Finding[],
  globals: readonly GlobalUse[],
  allows: (name: string) => boolean,
): Finding | null {
  const reported = new Set(findings.map(({ global }) => global));
  const unsaid = globals.find(
    ({ name, class: kind }) =>
      (kind === 'unknown' || kind === 'known-class') && !allows(name) && !reported.has(printable(name)),
  );
  if (unsaid === undefined) return null;
  const shown = printable(unsaid.name);
  return {
    rule: unsaid.class === 'unknown' ? 'pickle/global-unknown' : 'pickle/global-known-class',
    severity: 'suspicious',
    global: shown,
    message: `The file also uses the Python object ${shown}, which your policy does not allow.`,
  };
}
