export { projectRoot } from '#scanner/program-file.ts';
export { type EndCause, ProcessEnd } from './process-end.ts';
export { findProgram, type ProgramName } from './programs.ts';
export type { Rights } from './rights.ts';
export type { ProcessOptions } from './running-process.ts';
export { isSignOfLife, showLife } from './signs-of-life.ts';
export { waitForStopRequest } from './stop-requested.ts';
export { WatchedProcess } from './watched-process.ts';
export { writeFully } from './write-fully.ts';
