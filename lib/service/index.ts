export { runWebAlone, runWorkerAlone } from './alone.ts';
export { importFile } from './import-file.ts';
export { runService, type ServiceOptions } from './supervisor.ts';
export { withDatabase } from './with-database.ts';
