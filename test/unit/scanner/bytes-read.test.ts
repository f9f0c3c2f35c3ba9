import { expect, it } from 'vitest';
import { type ByteSource, bytesSource, scan } from '#scanner/index.ts';
import { latin1, stateDict, tensor } from '../../fixtures/pickles.ts';
import { makeZip } from '../../fixtures/zip.ts';

it('reads pickles and directories, not the numbers of tensors', () => {
  const keys = Array.from({ length: 20 }, (_, index) => String(index));
  const dataPkl = stateDict(
    ...keys.map((key) => [key, tensor({ key, elements: 250_000, shape: [250_000] })] as [string, string]),
  );
  const bytes = makeZip([
    { name: 'archive/data.pkl', bytes: latin1(dataPkl) },
    ...keys.map((key) => ({ name: `archive/data/${key}`, bytes: new Uint8Array(1_000_000) })),
  ]);
  const source = bytesSource(bytes);
  let read = 0;
  const counting: ByteSource = {
    size: source.size,
    read(offset, length) {
      const part = source.read(offset, length);
      read += part.length;
      return part;
    },
  };
  expect(scan(counting)).toMatchObject({ verdict: 'clean', tensors: 20 });
  expect(read).toBeLessThan(bytes.length / 20);
});
