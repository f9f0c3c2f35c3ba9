import type { PickleAnalysis } from '../pickle/index.ts';
import type { Finding, GlobalUse, Severity, Where } from '../report/index.ts';
import type { ScanLimits } from './limits.ts';

/** What is gathered while one file is inspected, through all that lies inside it. */
export class Inspection {
  readonly findings: Finding[] = [];
  readonly limits: ScanLimits;
  readonly deadline: number;
  /** Tensors found; null until something was read that lists them. */
  tensors: number | null = null;
  private readonly globals = new Map<string, GlobalUse>();
  private unpacked = 0;

  private readonly onPickle: ((analysis: PickleAnalysis) => void) | undefined;

  /** `onPickle` is told of every pickle that counts for the verdict. */
  constructor(limits: ScanLimits, onPickle?: (analysis: PickleAnalysis) => void) {
    this.limits = limits;
    this.onPickle = onPickle;
    this.deadline = Date.now() + limits.milliseconds;
  }

  report(rule: string, severity: Severity, message: string, where?: Where): void {
    this.findings.push(where === undefined ? { rule, severity, message } : { rule, severity, where, message });
  }

  /** Takes over what an archive's reader found, as seen from the outermost file. */
  addProblems(problems: readonly Finding[], parent: string | undefined): void {
    for (const problem of problems) {
      const member = joinMember(parent, problem.where?.member);
      const where = member === undefined ? problem.where : { ...problem.where, member };
      this.findings.push(where === undefined ? problem : { ...problem, where });
    }
  }

  /** Takes over a pickle's findings; `atMost` is for bytes that no loader runs by itself. */
  addPickle(analysis: PickleAnalysis, atMost?: Severity): void {
    this.onPickle?.(analysis);
    for (const finding of analysis.findings)
      this.findings.push(atMost === undefined ? finding : { ...finding, severity: atMost });
    for (const [name, { class: kind, count }] of analysis.globals) {
      const use = this.globals.get(name);
      if (use === undefined) this.globals.set(name, { name, class: kind, count });
      else use.count += count;
    }
  }

  addTensors(count: number): void {
    this.tensors = (this.tensors ?? 0) + count;
  }

  /** Bytes that may still be unpacked for one more member. */
  get unpackLimit(): number {
    return Math.max(0, Math.min(this.limits.memberBytes, this.limits.unpackedBytes - this.unpacked));
  }

  countUnpacked(bytes: number): void {
    this.unpacked += bytes;
  }

  get isOutOfTime(): boolean {
    return Date.now() > this.deadline;
  }

  /** Milliseconds left, for the reader of the next pickle. */
  get millisecondsLeft(): number {
    return Math.max(1, this.deadline - Date.now());
  }

  listGlobals(): GlobalUse[] {
    return [...this.globals.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }
}

/** The name of a member of an archive inside an archive: `outer.zip/inner/data.pkl`. */
export function joinMember(parent: string | undefined, member: string | undefined): string | undefined {
  if (parent === undefined || member === undefined) return member ?? parent;
  return `${parent}/${member}`;
}
