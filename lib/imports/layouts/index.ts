export { detectLayout } from './detect.ts';
export { skipFolder } from './skipped-folders.ts';
export * from './types.ts';
export { walkCollection } from './walk.ts';
