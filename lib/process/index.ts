export { findProgram, type ProgramName, programPaths } from './programs.ts';
export { residentMemory } from './resident-memory.ts';
export { untilStopRequested } from './stop-requested.ts';
