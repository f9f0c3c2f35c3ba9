export { importFile } from './import-file.ts';
export { runService, type ServiceOptions } from './supervisor.ts';
export { runWorker } from './worker.ts';
