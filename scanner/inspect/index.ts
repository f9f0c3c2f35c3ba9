export { checkEnding } from './ending.ts';
export { Inspection } from './inspection.ts';
export { inspectSource } from './source.ts';
