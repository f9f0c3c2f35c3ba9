import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '..', '..', '..', 'scanner', 'release.ts');
const MIB = 1024 * 1024;

/** Holds and drops buffers of 8 MiB, 64 of them, and prints the most bytes that were held at once. */
function most(allowed: boolean): number {
  const program = `
    import { allowCollection, release } from ${JSON.stringify(MODULE)};
    if (${allowed}) allowCollection();
    let most = 0;
    for (let part = 0; part < 64; part += 1) {
      new Uint8Array(${8 * MIB}).fill(1);
      release(${8 * MIB});
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    process.on('exit', () => console.log(most));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

it('gives buffers back where collecting is allowed, without a flag of V8 at the start', () => {
  expect(most(true)).toBeLessThanOrEqual(32 * MIB);
});

it('leaves V8 as it was at the end, so that compiled code which is cached then fits the next start', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  expect(options).toMatch(/default: --memory-pool-timeout=8$/m);
  expect(options).toMatch(/default: --no-expose-gc$/m);
  expect(options).toMatch(/default: --turbofan$/m);
});
