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
    about: 'Instructions in one pickle. Checkpoints have 40,000 to 90,000.',
  },
  heldBytes: {
    unit: 'bytes',
    default: 92 * MIB,
    rule: 'pickle/limit',
    about:
      'Estimated memory for one pickle: its bytes, about 100 bytes per value, and stored strings. A tensor takes about 1,500.',
  },
  stack: { unit: 'count', default: 1_000_000, rule: 'pickle/limit', about: 'Values on the stack at the same time.' },
  memo: { unit: 'count', default: 4_000_000, rule: 'pickle/limit', about: 'Values in the memo.' },
  marks: {
    unit: 'count',
    default: 1_000_000,
    rule: 'pickle/limit',
    about: 'Marks on the stack at the same time (open lists).',
  },
  lineBytes: {
    unit: 'bytes',
    default: MIB,
    rule: 'pickle/limit',
    about: 'Length of one text line of an instruction (GLOBAL, INT, STRING, PUT).',
  },
  nameBytes: {
    unit: 'bytes',
    default: 500,
    rule: 'pickle/import-computed',
    about: 'Length of the name of a module or of an object in it.',
  },
  keptTextBytes: {
    unit: 'bytes',
    default: 4 * KIB,
    rule: 'pickle/import-computed',
    about: 'Stored length of one string. Longer strings cannot be the name of an object.',
  },
  numberDigits: {
    unit: 'count',
    default: 4000,
    rule: 'pickle/odd-number',
    about: 'Digits of a number written as text. Longer numbers are not evaluated.',
  },
  numberBytes: {
    unit: 'bytes',
    default: KIB,
    rule: 'pickle/odd-number',
    about: 'Bytes of a binary number. Longer numbers are not evaluated.',
  },
  nesting: { unit: 'count', default: 1000, rule: 'pickle/nesting', about: 'Nesting depth of values.' },
  expansion: {
    unit: 'count',
    default: 200_000_000,
    rule: 'pickle/expansion',
    about: 'Values in the result if nothing were shared.',
  },
  allocation: {
    unit: 'times',
    default: 16,
    rule: 'pickle/allocation',
    about: 'Memory that calls of allowed objects allocate, compared with the size of the pickle (64 KiB at least).',
  },
  stackedPickles: {
    unit: 'count',
    default: 100_000,
    rule: 'pickle/limit',
    about: 'Pickles one after another in the same data.',
  },
  nestedPickles: {
    unit: 'count',
    default: 200,
    rule: 'pickle/limit',
    about: 'Strings in a pickle that are scanned as pickles.',
  },
  nestedDepth: {
    unit: 'count',
    default: 3,
    rule: 'pickle/limit',
    about: 'Nesting depth of pickles in strings.',
  },
  names: {
    unit: 'count',
    default: 10_000,
    rule: 'pickle/limit',
    about: 'Different Python objects that one pickle uses.',
  },
  tensors: { unit: 'count', default: 100_000, rule: 'pickle/limit', about: 'Tensors in one pickle.' },
} as const satisfies Record<string, Limit>;

const scan = {
  milliseconds: { unit: 'milliseconds', default: 60_000, rule: 'container/time', about: 'Time for one file.' },
  pickleBytes: {
    unit: 'bytes',
    default: 64 * MIB,
    rule: 'container/too-large',
    about: 'Size of one uncompressed pickle in the file.',
  },
  memberBytes: {
    unit: 'bytes',
    default: 32 * MIB,
    rule: 'container/too-large',
    about: 'Size of data that is extracted at once: one compressed entry with the archives that contain it.',
  },
  unpackedBytes: {
    unit: 'bytes',
    default: 2 * GIB,
    rule: 'container/too-large',
    about: 'Total size of data that is extracted from one file.',
  },
  ratio: {
    unit: 'times',
    default: 200,
    rule: 'zip/expansion',
    about: 'Compression ratio of an archive entry above 1 MiB.',
  },
  unpackers: {
    unit: 'count',
    default: 100,
    rule: 'container/too-large',
    about: 'Entries of one file that are extracted with 7-Zip. Each uses some memory until the scan ends.',
  },
  depth: { unit: 'count', default: 4, rule: 'container/too-deep', about: 'Nesting depth of archives.' },
  members: { unit: 'count', default: 200_000, rule: 'container/too-large', about: 'Entries of one archive.' },
  directoryBytes: {
    unit: 'bytes',
    default: 24 * MIB,
    rule: 'container/too-large',
    about: 'Size of the central directory of a zip archive.',
  },
  headerBytes: {
    unit: 'bytes',
    default: 100_000_000,
    rule: 'container/too-large',
    about: 'Size of the header of a safetensors or GGUF file.',
  },
  headerTensors: {
    unit: 'count',
    default: 100_000,
    rule: 'container/too-large',
    about: 'Tensors in the header of a safetensors or GGUF file.',
  },
  headerEntries: {
    unit: 'count',
    default: 20_000,
    rule: 'container/too-large',
    about: 'Metadata entries in the header of a GGUF file.',
  },
  headerValues: {
    unit: 'count',
    default: 4_000_000,
    rule: 'container/too-large',
    about: 'Values in the lists of the metadata of a GGUF file. The largest vocabularies have about 1,000,000.',
  },
  findings: {
    unit: 'count',
    default: 1000,
    rule: 'scan/more-findings',
    about: 'Findings of one severity in a report.',
  },
  names: {
    unit: 'count',
    default: 10_000,
    rule: 'scan/more-names',
    about: 'Different Python objects in a report.',
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
