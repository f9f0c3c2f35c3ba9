import { ContainerLimit, MalformedContainer } from '../containers/index.ts';
import type { PickleLimits, ScanLimits } from '../limits.ts';
import type { PickleAnalysis } from '../pickle/index.ts';
import { release } from '../release.ts';
import {
  BoundedFindings,
  type Finding,
  type Format,
  type GlobalUse,
  type RuleId,
  type Severity,
  type Where,
} from '../report/index.ts';
import type { ByteSource } from '../source.ts';

/**
 * Inspects what lies inside an archive, one level further down. `name` is the entry's own name in full, where it is an
 * entry: programs go by it.
 */
export type InspectInner = (source: ByteSource, member: string | undefined, name?: string) => void;

/** What is gathered while one file is inspected, through all that lies inside it. */
export class Inspection {
  readonly limits: ScanLimits;
  readonly deadline: number;
  /** Tensors found; null until something was read that lists them. */
  tensors: number | null = null;
  /** Arrays that joblib keeps inside pickles, found so far. */
  arrays = 0;
  readonly #found: BoundedFindings;
  readonly #globals = new Map<string, GlobalUse>();
  readonly #nested = new Set<string>();
  readonly #onPickle: ((analysis: PickleAnalysis) => void) | undefined;
  #unpacked = 0;
  #held = 0;
  #unpackerBytes = 0;
  #unpackers = 0;
  #hasMoreNames = false;
  #beginnings = 0;
  /** What each reading of the outermost file has found, and the one that goes on. */
  readonly #readings = new Map<Format, BoundedFindings>();
  #reading: BoundedFindings | null = null;

  /** `onPickle` is called with every pickle that counts for the verdict. */
  constructor(limits: ScanLimits, onPickle?: (analysis: PickleAnalysis) => void) {
    this.limits = limits;
    this.#onPickle = onPickle;
    this.deadline = Date.now() + limits.milliseconds;
    this.#found = new BoundedFindings(limits.findings);
  }

  report(rule: RuleId, severity: Severity, message: string, where?: Where): void {
    this.#add(where === undefined ? { rule, severity, message } : { rule, severity, where, message });
  }

  #add(finding: Finding): void {
    if (this.#beginnings > 0 && finding.severity === 'malformed') return;
    this.#found.add(finding);
    this.#reading?.add(finding);
  }

  /**
   * What `work` finds is what programs that read the outermost file in this way come to see. It is a reading where work
   * finds something or answers anything but false. Readings of what lies inside belong to the outer one.
   */
  asReading<Answer>(format: Format, work: () => Answer): Answer {
    if (this.#reading !== null) return work();
    const findings = this.#readings.get(format) ?? new BoundedFindings(this.limits.findings);
    this.#reading = findings;
    try {
      const answer = work();
      if (answer !== false || findings.list().length > 0) this.#readings.set(format, findings);
      return answer;
    } finally {
      this.#reading = null;
    }
  }

  /** The ways in which the outermost file can be read, each with its findings. */
  listReadings(): { format: Format; findings: Finding[] }[] {
    return [...this.#readings].map(([format, findings]) => ({ format, findings: findings.list() }));
  }

  /** Reports what a container's reader threw; `rule` is for what breaks the format, not for a limit. Throws all else again. */
  reportFault(error: unknown, where: Where, rule: RuleId = 'container/malformed'): void {
    if (!(error instanceof MalformedContainer)) throw error;
    if (error instanceof ContainerLimit) this.report('container/too-large', 'incomplete', error.message, where);
    else this.report(rule, 'malformed', error.message, where);
  }

  /** Takes over what an archive's reader found, as seen from the outermost file. */
  addProblems(problems: readonly Finding[], parent: string | undefined): void {
    for (const problem of problems) {
      const member = joinMember(parent, problem.where?.member);
      const where = member === undefined ? problem.where : { ...problem.where, member };
      this.#add(where === undefined ? problem : { ...problem, where });
    }
  }

  /** Takes over a pickle's findings; `atMost` is for bytes that no loader runs by itself. */
  addPickle(analysis: PickleAnalysis, atMost?: Severity): void {
    this.#onPickle?.(analysis);
    this.arrays += analysis.arrays.length;
    for (const finding of analysis.findings)
      this.#add(atMost === undefined ? finding : { ...finding, severity: atMost });
    for (const [name, { class: kind, count }] of analysis.globals) {
      const use = this.#globals.get(name);
      if (use !== undefined) use.count += count;
      else if (this.#globals.size < this.limits.names) this.#globals.set(name, { name, class: kind, count });
      else this.#hasMoreNames = true;
    }
    for (const name of analysis.nestedNames) {
      if (this.#nested.size < this.limits.names) this.#nested.add(name);
      else this.#hasMoreNames = true;
    }
  }

  addTensors(count: number): void {
    this.tensors = (this.tensors ?? 0) + count;
  }

  /** Bytes that may still be unpacked for one more member. */
  get unpackLimit(): number {
    return Math.max(0, Math.min(this.limits.memberBytes - this.#held, this.limits.unpackedBytes - this.#unpacked));
  }

  /** Bytes that may still be unpacked in all. */
  get bytesLeft(): number {
    return Math.max(0, this.limits.unpackedBytes - this.#unpacked);
  }

  /** Inspects what is only the beginning of something: that it ends early says nothing about the file. */
  inspectBeginning(inspect: () => void): void {
    this.#beginnings += 1;
    try {
      inspect();
    } finally {
      this.#beginnings -= 1;
    }
  }

  /** True where 7-Zip may be started once more. */
  startUnpacker(): boolean {
    this.#unpackers += 1;
    return this.#unpackers <= this.limits.unpackers;
  }

  countUnpacked(bytes: number): void {
    this.#unpacked += bytes;
  }

  /**
   * While the work goes on, what was unpacked for it stays in memory, and less may be unpacked and made of pickles next
   * to it. `unpackerBytes` is what the unpacker itself takes meanwhile.
   */
  whileHolding(bytes: number, work: () => void, unpackerBytes = 0): void {
    this.#held += bytes;
    this.#unpackerBytes += unpackerBytes;
    try {
      work();
    } finally {
      this.#held -= bytes;
      this.#unpackerBytes -= unpackerBytes;
      release(bytes);
    }
  }

  get isOutOfTime(): boolean {
    return Date.now() > this.deadline;
  }

  /** What the next pickle may cost, in the time that is left and next to what is held in memory for it. */
  get pickleLimits(): PickleLimits {
    const heldBytes = Math.max(
      this.limits.pickle.heldBytes - this.#held - this.#unpackerBytes,
      this.limits.pickle.heldBytes / 4,
    );
    return { ...this.limits.pickle, heldBytes, milliseconds: Math.max(1, this.deadline - Date.now()) };
  }

  listFindings(): Finding[] {
    const list = this.#found.list();
    if (!this.#hasMoreNames) return list;
    const message = `The file uses more than ${this.limits.names} different Python objects. Only ${this.limits.names} are listed.`;
    return [...list, { rule: 'scan/more-names', severity: 'incomplete', message }];
  }

  listGlobals(): GlobalUse[] {
    return [...this.#globals.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }

  /** Names that pickles inside texts of pickles bring in. */
  listNestedNames(): string[] {
    return [...this.#nested];
  }
}

/** Longer names of members than any model has are cut where they are shown. */
const SHOWN_NAME = 300;

/** The name of a member of an archive inside an archive: `outer.zip/inner/data.pkl`. */
export function joinMember(parent: string | undefined, member: string | undefined): string | undefined {
  const name = parent === undefined || member === undefined ? (member ?? parent) : `${parent}/${member}`;
  return name !== undefined && name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME - 1)}…` : name;
}
