import type { Finding, Severity, Verdict } from './types.ts';

/**
 * Every verdict: the later, the more it weighs. What was not read to its end is worse than odd, for nobody knows what is in it; what
 * was read and is dangerous stays so, whatever came after.
 */
export const VERDICTS: readonly Verdict[] = ['clean', 'suspicious', 'incomplete', 'malformed', 'dangerous'];

const VERDICT_OF: Readonly<Record<Severity, Verdict>> = {
  note: 'clean',
  suspicious: 'suspicious',
  incomplete: 'incomplete',
  malformed: 'malformed',
  dangerous: 'dangerous',
};

/** The heavier of two. */
export function worstSeverity(a: Severity, b: Severity): Severity {
  return VERDICTS.indexOf(VERDICT_OF[a]) >= VERDICTS.indexOf(VERDICT_OF[b]) ? a : b;
}

/** The verdict on a file: the highest of its findings. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  let rank = 0;
  for (const { severity } of findings) rank = Math.max(rank, VERDICTS.indexOf(VERDICT_OF[severity]));
  return VERDICTS[rank] ?? 'incomplete';
}

/** The first of the heaviest; undefined where there is none. */
export function findWorst(findings: readonly Finding[]): Finding | undefined {
  const verdict = verdictOf(findings);
  return findings.find(({ severity }) => VERDICT_OF[severity] === verdict);
}

/** From which verdict on a scan fails: `dangerous` lets everything else pass. */
export type FailOn = 'suspicious' | 'dangerous';

/**
 * Exit code of `scan`: 1 when any file is dangerous, else 2 when any is malformed, incomplete or could not be read
 * (`unreadable`), else 3 when any is suspicious, else 0.
 */
export function exitCode(verdicts: readonly (Verdict | 'unreadable')[], failOn: FailOn = 'suspicious'): 0 | 1 | 2 | 3 {
  if (verdicts.includes('dangerous')) return 1;
  if (failOn === 'dangerous') return 0;
  if (verdicts.some((verdict) => verdict === 'malformed' || verdict === 'incomplete' || verdict === 'unreadable'))
    return 2;
  return verdicts.includes('suspicious') ? 3 : 0;
}
