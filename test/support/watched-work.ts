/** Does what its first word says under `startWatch`, and prints how that ended. */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { startWatch } from '#lib/cli/scan/within-limits.ts';

const MIB = 1024 * 1024;
const WORK: Readonly<Record<string, () => unknown>> = {
  ends: () => 'done',
  throws: () => {
    throw new TypeError('its own error');
  },
  hangs: () => {
    for (;;);
  },
  values: () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  },
  buffers: () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(8 * MIB, 1));
  },
  thread: () => new Worker('0', { eval: true }),
  writes: () => writeFileSync('/tmp/weighhouse-must-not-be', ''),
  'waits for a signal': () => {
    process.stdout.write('ready\n');
    for (;;);
  },
};

const [what = '', timeout = '600000'] = process.argv.slice(2);
const watch = startWatch(512 * MIB);
const answer = () => {
  try {
    return watch.run(WORK[what] as () => unknown, Number(timeout));
  } catch (error) {
    return { threw: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
};
process.stdout.write(`${JSON.stringify(answer())}\n`, () => process.exit());
