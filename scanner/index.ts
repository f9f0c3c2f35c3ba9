export { type Explanation, explain, formatExplanation } from './explain/index.ts';
export { DEFAULT_SCAN_LIMITS, type ScanLimits } from './inspect/index.ts';
export { type Policy, PolicyError, parsePolicy } from './policy/index.ts';
export * from './report/index.ts';
export { type ScanOptions, scan } from './scan.ts';
export { type ByteSource, bytesSource, type FileSource, openFileSource } from './source.ts';
