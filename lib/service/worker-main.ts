import { runWorker } from './worker.ts';

await runWorker();
process.exit(0);
