import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../scanner/source.ts';
import { readTensorTable } from '../../../scanner/tensors/index.ts';
import { makeStateDict, type StateDictTensor } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';

const WEIGHT: StateDictTensor = {
  name: 'conv_in.weight',
  storage: 'FloatStorage',
  key: '0',
  elements: 6,
  shape: [2, 3],
  stride: [3, 1],
};
const numbers = Buffer.from(Float32Array.from([1, 2, 3, 4, 5, 6]).buffer);

function checkpoint(tensors: readonly StateDictTensor[], wrapper?: string): Uint8Array {
  return makeZip([
    { name: 'archive/data.pkl', bytes: makeStateDict(tensors, wrapper) },
    { name: 'archive/data/0', bytes: numbers },
  ]);
}

const table = (tensors: readonly StateDictTensor[], wrapper?: string) =>
  readTensorTable(bytesSource(checkpoint(tensors, wrapper)));

describe('a torch checkpoint', () => {
  it('lists its tensors with the place of their numbers', () => {
    const bytes = checkpoint([WEIGHT]);
    const { tensors, refused } = readTensorTable(bytesSource(bytes));

    expect(refused).toEqual([]);
    expect(tensors).toMatchObject([
      { name: 'conv_in.weight', dtype: 'F32', shape: [2, 3], storage: { elements: 6, offset: 0, stride: [3, 1] } },
    ]);
    const start = tensors[0]?.storage.start ?? 0;
    expect(Buffer.from(bytes.subarray(start, start + 24))).toEqual(numbers);
  });

  it('is unwrapped, and what stands beside the tensors is kept', () => {
    const { tensors, pickle } = table([WEIGHT], 'state_dict');

    expect(tensors.map(({ name }) => name)).toEqual(['conv_in.weight']);
    expect(pickle?.wrapper).toBe('state_dict');
    expect(pickle?.scalars.get('global_step')).toBe(875_000);
  });

  it('may hold names that poison objects', () => {
    expect(table([{ ...WEIGHT, name: '__proto__' }]).tensors.map(({ name }) => name)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

it.each([
  ['a record that claims more numbers than its member has', { elements: 2 ** 31 - 1 }],
  ['a view that is larger than its storage', { shape: [65_535, 2], stride: [2, 1] }],
  ['a negative offset', { offset: -1 }],
  ['a stride of another rank', { stride: [1] }],
  ['a storage that is not there', { key: '9' }],
  ['the name that safetensors keeps for itself', { name: '__metadata__' }],
])('%s is refused by name, with a reason', (_, fault) => {
  const tensor = { ...WEIGHT, ...fault };
  const { tensors, refused } = table([tensor]);

  expect(tensors).toEqual([]);
  expect(refused.map(({ name }) => name)).toEqual([tensor.name]);
  expect(refused[0]?.reason).toMatch(/\w+ .*\.$/);
});
