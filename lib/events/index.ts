export { listen, publish, publishAll } from './hub.ts';
export { eventStream } from './stream.ts';
export type * from './types.ts';
