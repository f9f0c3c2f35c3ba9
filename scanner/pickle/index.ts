export { analysePickle, type PickleAnalysis, type PickleOptions } from './analyse.ts';
export { DEFAULT_PICKLE_LIMITS, type PickleLimits } from './limits.ts';
export { findPickleEnd, OPCODES } from './opcodes.ts';
export type { StorageReference, TensorRecord } from './values.ts';
