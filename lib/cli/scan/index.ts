export { type PoolFile, scanInPool } from './pool.ts';
export { spool } from './stdin.ts';
