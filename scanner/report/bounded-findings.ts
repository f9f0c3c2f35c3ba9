import type { Finding, Severity } from './types.ts';
import { worstSeverity } from './verdict.ts';

/** Findings of one file, of which no more than `limit` of each severity are listed. What is left out still counts. */
export class BoundedFindings {
  readonly #limit: number;
  readonly #listed: Finding[] = [];
  readonly #counts = new Map<Severity, number>();
  #omitted = 0;
  #worst: Severity = 'incomplete';

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(finding: Finding): void {
    const count = this.#counts.get(finding.severity) ?? 0;
    this.#counts.set(finding.severity, count + 1);
    if (count < this.#limit) this.#listed.push(finding);
    else {
      this.#omitted += 1;
      this.#worst = worstSeverity(this.#worst, finding.severity);
    }
  }

  /** With one finding that stands for all that are left out, as heavy as the heaviest of them. */
  list(): Finding[] {
    if (this.#omitted === 0) return this.#listed;
    const message = `There are ${this.#omitted} more findings. A report lists at most ${this.#limit} per severity.`;
    return [...this.#listed, { rule: 'scan/more-findings', severity: this.#worst, message }];
  }
}

/** Findings that are all there already, brought down to `limit` of each severity. */
export function boundFindings(findings: readonly Finding[], limit: number): Finding[] {
  const bounded = new BoundedFindings(limit);
  for (const finding of findings) bounded.add(finding);
  return bounded.list();
}
