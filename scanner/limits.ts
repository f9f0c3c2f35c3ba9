import type { RuleId } from './report/index.ts';

/**
 * Every limit on what one scan may cost: its default, and what it means. Library options, policy files, `scan --limit`,
 * the service's setting and docs/LIMITS.md are all made from this. A limit that is hit is a finding and never clean.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export type LimitUnit = 'count' | 'bytes' | 'milliseconds' | 'times';

export interface Limit {
  unit: LimitUnit;
  default: number;
  about: string;
  /** The rule of the finding that says it was hit. */
  rule: RuleId;
}

const pickle = {
  opcodes: {
    unit: 'count',
    default: 20_000_000,
    rule: 'pickle/limit',
    about: 'Instructions of one pickle. Checkpoints have 40 to 90 thousand.',
  },
  heldBytes: {
    unit: 'bytes',
    default: 92 * MIB,
    rule: 'pickle/limit',
    about:
      'Memory for one pickle, as it is reckoned: its bytes, about 100 bytes for each of its values, and the texts that are kept. A tensor takes about 1,500.',
  },
  stack: { unit: 'count', default: 1_000_000, rule: 'pickle/limit', about: 'Values on the stack at once.' },
  memo: { unit: 'count', default: 4_000_000, rule: 'pickle/limit', about: 'Values in the memo.' },
  marks: {
    unit: 'count',
    default: 1_000_000,
    rule: 'pickle/limit',
    about: 'Marks on the stack at once: lists that were begun.',
  },
  lineBytes: {
    unit: 'bytes',
    default: MIB,
    rule: 'pickle/limit',
    about: 'One text line of an instruction (GLOBAL, INT, STRING, PUT).',
  },
  nameBytes: {
    unit: 'bytes',
    default: 500,
    rule: 'pickle/import-computed',
    about: 'A module or the name of an object in it.',
  },
  keptTextBytes: {
    unit: 'bytes',
    default: 4 * KIB,
    rule: 'pickle/import-computed',
    about: 'What is kept of one text. A longer one cannot be the name of anything.',
  },
  numberDigits: {
    unit: 'count',
    default: 4000,
    rule: 'pickle/odd-number',
    about: 'Digits of a number that is written as text. A longer one is not worked out.',
  },
  numberBytes: {
    unit: 'bytes',
    default: KIB,
    rule: 'pickle/odd-number',
    about: 'Bytes of a binary number. A longer one is not worked out.',
  },
  nesting: { unit: 'count', default: 1000, rule: 'pickle/nesting', about: 'Values inside values inside values.' },
  expansion: {
    unit: 'count',
    default: 200_000_000,
    rule: 'pickle/expansion',
    about: 'Values that there would be if nothing in the result were shared.',
  },
  stackedPickles: {
    unit: 'count',
    default: 100_000,
    rule: 'pickle/limit',
    about: 'Pickles that stand one after the other.',
  },
  nestedPickles: {
    unit: 'count',
    default: 200,
    rule: 'pickle/limit',
    about: 'Texts inside a pickle that are read as pickles.',
  },
  nestedDepth: {
    unit: 'count',
    default: 3,
    rule: 'pickle/limit',
    about: 'Pickles in texts of pickles in texts of pickles.',
  },
  names: {
    unit: 'count',
    default: 10_000,
    rule: 'pickle/limit',
    about: 'Different Python objects that one pickle names.',
  },
  tensors: { unit: 'count', default: 100_000, rule: 'pickle/limit', about: 'Tensors of one pickle.' },
} as const satisfies Record<string, Limit>;

const scan = {
  milliseconds: { unit: 'milliseconds', default: 60_000, rule: 'container/time', about: 'Time for one file.' },
  pickleBytes: {
    unit: 'bytes',
    default: 64 * MIB,
    rule: 'container/too-large',
    about: 'One pickle that lies unpacked in the file.',
  },
  memberBytes: {
    unit: 'bytes',
    default: 32 * MIB,
    rule: 'container/too-large',
    about: 'What is unpacked at once: one packed part, with the archives that it lies in.',
  },
  unpackedBytes: {
    unit: 'bytes',
    default: 2 * GIB,
    rule: 'container/too-large',
    about: 'What is unpacked of one file in all.',
  },
  ratio: {
    unit: 'times',
    default: 200,
    rule: 'zip/expansion',
    about: 'How many times its size a part of an archive above 1 MiB unpacks to.',
  },
  unpackers: {
    unit: 'count',
    default: 100,
    rule: 'container/too-large',
    about: 'Parts of one file that 7-Zip is started for: each leaves some memory behind until the scan ends.',
  },
  depth: { unit: 'count', default: 4, rule: 'container/too-deep', about: 'Archives inside archives.' },
  members: { unit: 'count', default: 200_000, rule: 'container/too-large', about: 'Parts of one archive.' },
  directoryBytes: {
    unit: 'bytes',
    default: 24 * MIB,
    rule: 'container/too-large',
    about: 'The directory of a zip archive.',
  },
  headerBytes: {
    unit: 'bytes',
    default: 100_000_000,
    rule: 'container/too-large',
    about: 'The header of a safetensors file.',
  },
  headerTensors: {
    unit: 'count',
    default: 100_000,
    rule: 'container/too-large',
    about: 'Tensors that the header of a safetensors file names.',
  },
  findings: {
    unit: 'count',
    default: 1000,
    rule: 'scan/more-findings',
    about: 'Findings of one severity that a report lists.',
  },
  names: {
    unit: 'count',
    default: 10_000,
    rule: 'scan/more-names',
    about: 'Different Python objects that a report lists.',
  },
} as const satisfies Record<string, Limit>;

export type PickleLimits = Record<keyof typeof pickle | 'milliseconds', number>;
/** Sizes in bytes, times in milliseconds. */
export type ScanLimits = Record<keyof typeof scan, number> & { pickle: Omit<PickleLimits, 'milliseconds'> };
/** What replaces defaults. */
export type LimitChanges = Partial<Omit<ScanLimits, 'pickle'>> & { pickle?: Partial<ScanLimits['pickle']> };

/** Every limit by the name that policies and `--limit` call it; those inside a pickle are `pickle.…`. */
export const LIMITS: ReadonlyMap<string, Limit> = new Map<string, Limit>([
  ...Object.entries(scan),
  ...Object.entries(pickle).map(([name, limit]) => [`pickle.${name}`, limit] as const),
]);

const defaultsOf = <Name extends string>(table: Record<Name, Limit>) =>
  Object.fromEntries(Object.entries<Limit>(table).map(([name, limit]) => [name, limit.default])) as Record<
    Name,
    number
  >;

export const DEFAULT_PICKLE_LIMITS: Readonly<PickleLimits> = {
  ...defaultsOf(pickle),
  milliseconds: scan.milliseconds.default,
};

export const DEFAULT_SCAN_LIMITS: Readonly<ScanLimits> = { ...defaultsOf(scan), pickle: defaultsOf(pickle) };

/** Limits with some replaced; what stands further behind counts. */
export function mergeLimits(...changes: readonly (LimitChanges | undefined)[]): ScanLimits {
  const merged: ScanLimits = { ...DEFAULT_SCAN_LIMITS, pickle: { ...DEFAULT_SCAN_LIMITS.pickle } };
  for (const change of changes) {
    const { pickle: inner, ...outer } = change ?? {};
    Object.assign(merged, outer);
    Object.assign(merged.pickle, inner);
  }
  return merged;
}
