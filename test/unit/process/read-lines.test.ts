import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLines } from '#lib/process/read-lines.ts';

async function read(bytes: Buffer, cuts: readonly number[], maxBytes: number) {
  const stream = new PassThrough();
  const lines: string[] = [];
  let tooLong = 0;
  readLines(stream, maxBytes, { onLine: (line) => lines.push(line), onTooLong: () => tooLong++ });
  const ended = new Promise((resolve) => stream.once('close', resolve));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, to] of places.slice(1).entries()) stream.write(bytes.subarray(places[index], to));
  stream.end();
  await ended;
  return { lines, tooLong };
}

const text = fc.array(fc.constantFrom('a', 'é', '🎈', '\n', '\r', 'bb', 'x'.repeat(40)), { maxLength: 60 });

it('hands out the same lines however the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 8 }), async (parts, cuts) => {
      const whole = parts.join('');
      const lines = whole.split('\n');
      if (lines.at(-1) === '') lines.pop();
      expect(await read(Buffer.from(whole), cuts, 1_000_000)).toEqual({ lines, tooLong: 0 });
    }),
  );
});

it('hands out all before a line that is too long, says so once, and nothing after', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 8 }), fc.nat(80), async (parts, cuts, maxBytes) => {
      const whole = parts.join('');
      const lines = whole.split('\n');
      if (lines.at(-1) === '') lines.pop();
      const long = lines.findIndex((line) => Buffer.byteLength(line) > maxBytes);
      const expected = long === -1 ? { lines, tooLong: 0 } : { lines: lines.slice(0, long), tooLong: 1 };
      expect(await read(Buffer.from(whole), cuts, maxBytes)).toEqual(expected);
    }),
  );
});

it('keeps lines longer than its first buffer', async () => {
  const long = 'y'.repeat(500_000);
  const { lines } = await read(Buffer.from(`${long}\nz\n${long}`), [100_000, 300_000, 500_010], 500_000);
  expect(lines.map((line) => line.length)).toEqual([500_000, 1, 500_000]);
});
