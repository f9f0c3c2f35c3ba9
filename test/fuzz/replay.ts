/** `node test/fuzz/replay.ts FILE`: tries the input in such a file with every target. Ends with 0 where it does no harm. */
import { readCurrentInput } from './current-input.ts';
import { TARGETS } from './targets.ts';

const input = readCurrentInput(process.argv[2] ?? '');
for (const { run } of Object.values(TARGETS)) if (input !== null) run(input.bytes);
