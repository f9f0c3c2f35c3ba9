export { listen, publish } from './hub.ts';
export type * from './types.ts';
