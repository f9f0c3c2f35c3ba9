export { Inspection } from './inspection.ts';
export { inspectSource } from './source.ts';
