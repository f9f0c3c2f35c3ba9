export { listen, publish, publishAll, published } from './hub.ts';
export { eventStream } from './stream.ts';
export type * from './types.ts';
