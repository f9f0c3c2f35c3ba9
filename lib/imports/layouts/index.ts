export { detectLayout } from './detect.ts';
export * from './types.ts';
export { walkCollection } from './walk.ts';
