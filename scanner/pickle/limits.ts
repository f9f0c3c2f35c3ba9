/** What reading one pickle may cost. A limit that is hit is a finding and `incomplete`, never an error and never clean. */
export interface PickleLimits {
  /** Real checkpoints have 40 to 90 thousand. A value takes about a hundred bytes while it is looked at. */
  opcodes: number;
  stack: number;
  memo: number;
  marks: number;
  /** Bytes of one text line (INT, STRING, PUT…). */
  lineBytes: number;
  /** Bytes of a module or attribute name. */
  nameBytes: number;
  /** Values inside values inside values. */
  nesting: number;
  /** Values that the result would have if nothing in it were shared. */
  expansion: number;
  /** Pickles that stand one after the other. */
  stackedPickles: number;
  /** Byte strings that are tried as pickles, in all. */
  nestedPickles: number;
  /** Milliseconds for one call of `analysePickle`. */
  milliseconds: number;
}

export const DEFAULT_PICKLE_LIMITS: Readonly<PickleLimits> = {
  opcodes: 3_000_000,
  stack: 1_000_000,
  memo: 2_000_000,
  marks: 1_000_000,
  lineBytes: 1024 * 1024,
  nameBytes: 500,
  nesting: 1000,
  expansion: 200_000_000,
  stackedPickles: 100_000,
  nestedPickles: 200,
  milliseconds: 60_000,
};
