export type { PoolFile } from './pool.ts';
export { scanFiles } from './scan-files.ts';
export { scanHere } from './scan-here.ts';
export { scanPath } from './scan-path.ts';
export { spool } from './stdin.ts';
