import { DEFAULT_PICKLE_LIMITS, type PickleLimits } from '../pickle/index.ts';

/** What one scan may cost. What stays unread because of a limit is a finding and never clean. */
export interface ScanLimits {
  pickle: PickleLimits;
  /** Bytes of one pickle, or of one packed member, that are held in memory. */
  memberBytes: number;
  /** Bytes that are unpacked in all. */
  unpackedBytes: number;
  /** Archives inside archives. */
  depth: number;
  /** Milliseconds for the whole file. */
  milliseconds: number;
}

export const DEFAULT_SCAN_LIMITS: Readonly<ScanLimits> = {
  pickle: DEFAULT_PICKLE_LIMITS,
  memberBytes: 64 * 1024 * 1024,
  unpackedBytes: 1024 * 1024 * 1024,
  depth: 4,
  milliseconds: 60_000,
};
