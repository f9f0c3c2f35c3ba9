/** A scan worker that fails as the name of its file says, and otherwise scans. */
import { basename } from 'node:path';
import { scanPath } from '#lib/cli/scan/scan-path.ts';
import { openParentChannel } from '#lib/process/index.ts';

const parent = openParentChannel(({ path }: { path: string }) => {
  const name = basename(path);
  if (name.startsWith('crash')) process.exit(7);
  if (name.startsWith('hang')) for (;;);
  if (name.startsWith('heap')) {
    const kept: number[][] = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  }
  if (name.startsWith('buffers')) {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
  }
  parent.send(scanPath(path), () => {
    if (name.startsWith('last')) process.exit(0);
  });
});
