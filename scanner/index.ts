export { type HashedReport, reportCycloneDx } from './cyclonedx.ts';
export { type Explanation, explain, formatExplanation } from './explain/index.ts';
export {
  DEFAULT_SCAN_LIMITS,
  LIMITS,
  type Limit,
  type LimitChanges,
  type LimitUnit,
  mergeLimits,
  type ScanLimits,
} from './limits.ts';
export { LimitError, parseLimits } from './parse-limits.ts';
export { PolicyError, parsePolicy } from './parse-policy.ts';
export type { Policy } from './policy/index.ts';
export * from './report/index.ts';
export { type ScanOptions, scan } from './scan.ts';
export { type ByteSource, bytesSource, type FileSource, openFileSource } from './source.ts';
