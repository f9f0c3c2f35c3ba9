import { expect, it } from 'vitest';
import { runBySize } from '#lib/ingest/large-files.ts';

const MIB = 1024 * 1024;

/** Work that ends when it is told to. */
function openWork() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const work = { isBegun: false, end: resolve, fail: reject };
  const run = async () => {
    work.isBegun = true;
    await promise;
  };
  return { work, run };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('does one large file at a time, small ones beside it, and the next also after a failure', async () => {
  const [first, second, third, small] = [openWork(), openWork(), openWork(), openWork()];
  const running = [first, second, third].map(({ run }) => runBySize(BigInt(65 * MIB), run));
  const beside = runBySize(MIB, small.run);
  const begun = () => [first, second, third, small].map(({ work }) => work.isBegun);
  await settle();
  expect(begun()).toEqual([true, false, false, true]);
  first.work.fail(new Error('Broken.'));
  await expect(running[0]).rejects.toThrow('Broken.');
  await settle();
  expect(begun()).toEqual([true, true, false, true]);
  for (const { work } of [second, third, small]) work.end();
  await Promise.all([running[1], running[2], beside]);
});
