export { Inspection } from './inspection.ts';
export { DEFAULT_SCAN_LIMITS, type ScanLimits } from './limits.ts';
export { inspectSource } from './source.ts';
