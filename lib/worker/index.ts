export { clearScratchFolders, runWorker } from './run-worker.ts';
export { startWorker, type Worker } from './start-worker.ts';
