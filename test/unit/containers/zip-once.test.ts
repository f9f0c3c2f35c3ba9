import { expect, it } from 'vitest';
import { readZip } from '#scanner/containers/index.ts';
import { type ByteSource, bytesSource } from '#scanner/index.ts';
import { DEFAULT_SCAN_LIMITS } from '#scanner/limits.ts';
import { makeZip } from '../../fixtures/zip.ts';

it('reads the directory of one source once, unless other limits are asked for', () => {
  const bytes = bytesSource(makeZip([{ name: 'a/data.pkl', bytes: new Uint8Array(3) }]));
  let reads = 0;
  const source: ByteSource = {
    size: bytes.size,
    read(offset, length) {
      reads += 1;
      return bytes.read(offset, length);
    },
  };
  const first = readZip(source);
  const before = reads;
  expect(readZip(source, { ...DEFAULT_SCAN_LIMITS })).toBe(first);
  expect(reads).toBe(before);
  expect(() => readZip(source, { ...DEFAULT_SCAN_LIMITS, members: 0 })).toThrow(/more than any model has/);
});
