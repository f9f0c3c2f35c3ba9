/** `weighhouse identify FILE` without options, bundled as a single file: see scan-file.ts. */
import { beBrief, sizeOf } from '../process/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { describeIdentified, identifyPath } from './identify-path.ts';
import { printAndExit } from './print-and-exit.ts';

const path = process.argv.at(-1) ?? '';
beBrief(sizeOf([path]));
const file = await identifyPath(path);
printAndExit(`${describeIdentified(file)}\n`, 'error' in file ? EXIT_FAILED : 0);
