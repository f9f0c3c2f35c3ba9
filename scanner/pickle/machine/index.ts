export { runPickle } from './run.ts';
export type { ArrayPlace, MachineContext, PickleRun, PickleStep } from './types.ts';
