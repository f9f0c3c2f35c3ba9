export { runWebAlone, runWorkerAlone } from './alone.ts';
export type { ServiceOptions } from './supervisor.ts';
export { withDatabase } from './with-database.ts';
