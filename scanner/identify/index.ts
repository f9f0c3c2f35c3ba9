export { identify, identifyFile } from './identify.ts';
export type * from './types.ts';
