export { analysePickle, bringsInNames, type PickleAnalysis, type PickleOptions } from './analyse.ts';
export { canonicalName, classifyGlobal } from './globals.ts';
export type { IndexCheck } from './index-checks.ts';
export type { PickleStep } from './machine/index.ts';
export { findPickleEnd, OPCODES } from './opcodes.ts';
export { numpyElementBytes } from './proofs/index.ts';
export { printable } from './render.ts';
export { storageElementBytes } from './torch-types.ts';
export type { CallValue, StorageReference, TensorRecord, Value } from './values.ts';
