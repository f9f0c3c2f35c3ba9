import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { convertToSafetensors, convertToTorchZip, verifyConversion, verifyTorchZip } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { makeTorchZip, pickle, tensor } from '../../fixtures/torch-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse round trip '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLASSES = [
  ['DoubleStorage', 8],
  ['FloatStorage', 4],
  ['HalfStorage', 2],
  ['BFloat16Storage', 2],
  ['LongStorage', 8],
  ['ShortStorage', 2],
  ['ByteStorage', 1],
  ['ComplexFloatStorage', 8],
] as const;
/** More than any of the views below can reach. */
const ELEMENTS = 4 * 4 * 12 + 30;

interface View {
  type: number;
  shape: number[];
  stride: number[];
  offset: number;
}

const view: fc.Arbitrary<View> = fc
  .tuple(
    fc.nat(CLASSES.length - 1),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat(12)), { maxLength: 4 }),
    fc.nat(30),
  )
  .map(([type, axes, offset]) => ({
    type,
    shape: axes.map(([size]) => size),
    stride: axes.map(([, step]) => step),
    offset,
  }));

/** The elements of a view by the definition of strides: index by index, in row-major order. */
function walk(storage: Uint8Array, { type, shape, stride, offset }: View): Buffer {
  const width = CLASSES[type]?.[1] ?? 1;
  const count = shape.reduce((product, size) => product * size, 1);
  const pieces = Array.from({ length: count }, (_, i) => {
    let rest = i;
    let element = offset;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const size = shape[axis] ?? 1;
      element += (rest % size) * (stride[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return storage.subarray(element * width, (element + 1) * width);
  });
  return Buffer.concat(pieces);
}

function readBack(path: string): Record<string, string> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: _, ...entries } = JSON.parse(bytes.toString('utf8', 8, start));
  return Object.fromEntries(
    Object.entries(entries as Record<string, { shape: number[]; data_offsets: [number, number] }>).map(
      ([
        name,
        {
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, `[${shape}] ${bytes.toString('hex', start + begin, start + end)}`],
    ),
  );
}

async function convert(from: string, to: string): Promise<void> {
  using source = openFileSource(from);
  if (to.endsWith('.ckpt')) {
    await convertToTorchZip(source, to, { flush: false });
    await verifyTorchZip(source, to);
    return;
  }
  await convertToSafetensors(source, to, { flush: false });
  await verifyConversion(source, to);
}

it('keeps every bit of tensors of any type and view, to safetensors, to a torch file and back', async () => {
  const model = fc.tuple(
    fc.array(view, { minLength: 1, maxLength: 6 }),
    fc.uint8Array({ minLength: ELEMENTS * 8, maxLength: ELEMENTS * 8 }),
  );
  await fc.assert(
    fc.asyncProperty(model, async ([views, bytes]) => {
      const storages = Object.fromEntries(CLASSES.map(([, width], key) => [key, bytes.subarray(0, ELEMENTS * width)]));
      const object = pickle.dict(
        views.map(({ type, ...record }, index) => [
          pickle.text(`t${index}`),
          tensor({ ...record, storageClass: CLASSES[type]?.[0] ?? '', key: String(type), elements: ELEMENTS }),
        ]),
      );
      const at = (name: string) => join(folder, name);
      writeFileSync(at('in.ckpt'), makeTorchZip(object, storages));
      await convert(at('in.ckpt'), at('one.safetensors'));
      await convert(at('one.safetensors'), at('again.ckpt'));
      await convert(at('again.ckpt'), at('two.safetensors'));
      const expected = Object.fromEntries(
        views.map((one, index) => [
          `t${index}`,
          `[${one.shape}] ${walk(storages[one.type] ?? bytes, one).toString('hex')}`,
        ]),
      );
      expect(readBack(at('one.safetensors'))).toEqual(expected);
      expect(readFileSync(at('two.safetensors')).equals(readFileSync(at('one.safetensors')))).toBe(true);
    }),
    { numRuns: 30 },
  );
});
