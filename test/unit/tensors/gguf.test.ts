import { describe, expect, it } from 'vitest';
import { bytesSource } from '#scanner/index.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { type GgufFixture, makeGguf } from '../../fixtures/gguf.ts';

const read = (fixture: GgufFixture) => readTensorTable(bytesSource(makeGguf(fixture)));
const Q4_0 = { type: 2, shape: [3, 64], data: new Uint8Array(3 * 2 * 18) };
const F16 = { type: 1, shape: [2, 3, 1, 5], data: new Uint8Array(60) };

describe('the table of a GGUF file', () => {
  it('has names, types, shapes as PyTorch has them, and where the data lies', () => {
    const table = read({
      entries: [
        ['general.architecture', 'text', 'flux'],
        ['a.sizes', 'i32s', [1, -2, 3]],
        ['a.words', 'texts', ['b', 'c']],
        ['a.scale', 'f32', 0.5],
        ['a.many', 'i32s', Array.from({ length: 100 }, (_, index) => index)],
      ],
      tensors: [
        { name: 'a', ...Q4_0 },
        { name: 'b', ...F16 },
      ],
    });
    const start = table.tensors[0]?.storage.start ?? 0;
    expect(start % 32).toBe(0);
    expect(table.tensors).toEqual([
      { name: 'a', dtype: 'Q4_0', shape: [3, 64], storage: { start, elements: 192, offset: 0, stride: [64, 1] } },
      {
        name: 'b',
        dtype: 'F16',
        shape: [2, 3, 1, 5],
        storage: { start: start + 128, elements: 30, offset: 0, stride: [15, 5, 5, 1] },
      },
    ]);
    expect(Object.fromEntries(table.metadata)).toEqual({
      'general.architecture': 'flux',
      'a.sizes': '1, -2, 3',
      'a.words': 'b, c',
      'a.scale': '0.5',
    });
  });

  it('has the shapes that ComfyUI-GGUF flattened', () => {
    const entries = [['comfy.gguf.orig_shape.a', 'i32s', [3, 16, 2, 2]]] as const;
    expect(read({ entries, tensors: [{ name: 'a', ...Q4_0 }] }).tensors[0]?.shape).toEqual([3, 16, 2, 2]);
  });

  it('reads either byte order the same', () => {
    const whole: GgufFixture = { entries: [['a', 'u64', 7]], tensors: [{ name: 'a', ...Q4_0 }] };
    const [little, big] = [read(whole), read({ ...whole, bigEndian: true })];
    expect(big.metadata).toEqual(little.metadata);
    expect(big.tensors[0]).toMatchObject({ ...little.tensors[0], storage: { bigEndian: true } });
  });
});
