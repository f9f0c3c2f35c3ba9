export type { PoolFile } from './pool.ts';
export { scanFiles } from './scan-files.ts';
export { spool } from './stdin.ts';
