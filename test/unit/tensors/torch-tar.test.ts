import { expect, it } from 'vitest';
import { bytesSource } from '#scanner/source.ts';
import { MalformedTensors, readTensorTable, readTensorValues } from '#scanner/tensors/index.ts';
import { floats, pickle } from '../../fixtures/torch-file.ts';
import { makeTorchTar, type TarContent, tarTensor } from '../../fixtures/torch-tar.ts';

const content: TarContent = {
  storages: {
    11: { bytes: floats([1, 2, 3, 4, 5, 6]), elements: 6 },
    12: { storageClass: 'LongStorage', bytes: new Uint8Array(BigInt64Array.of(7n).buffer), elements: 1 },
    13: { bytes: new Uint8Array(0), elements: 0 },
  },
  views: [[14, 11, 2, 3]],
  tensors: {
    21: { storage: 11, shape: [3, 2], stride: [1, 3] },
    22: { storage: 12, shape: [] },
    23: { storage: 14, shape: [2], offset: 1 },
    24: { storage: 13, shape: [0, 2] },
  },
  object: pickle.dict([
    [
      pickle.text('state_dict'),
      pickle.dict([
        [pickle.text('turned'), tarTensor(21)],
        [pickle.text('count'), tarTensor(22)],
        [pickle.text('part'), tarTensor(23)],
        [pickle.text('none'), tarTensor(24)],
      ]),
    ],
    [pickle.text('epoch'), pickle.int(3)],
  ]),
};

it('reads the tensors of the tar layout, and the views on its storages', () => {
  const source = bytesSource(makeTorchTar(content));
  const { tensors, refused, nonTensors, pickle: structure } = readTensorTable(source);
  expect(refused).toEqual([]);
  expect(tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
    ['turned', 'F32', [3, 2]],
    ['count', 'I64', []],
    ['part', 'F32', [2]],
    ['none', 'F32', [0, 2]],
  ]);
  const [turned, , part] = tensors;
  expect(turned && readTensorValues(source, turned)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  expect(part && readTensorValues(source, part)).toEqual(Float32Array.of(4, 5));
  expect(structure?.wrapper).toBe('state_dict');
  expect(nonTensors).toEqual([{ name: 'epoch', summary: 'int 3' }]);
});

it.each<[string, Partial<TarContent>]>([
  ['a storage cut off by the end of its member', { storages: { 11: { bytes: floats([1]), elements: 9 } }, views: [] }],
  ['a view beyond its storage', { views: [[14, 11, 2, 30]] }],
  ['more dimensions than any tensor has', { tensors: { 21: { storage: 11, shape: new Array(65).fill(1) } } }],
])('refuses %s', (_what, change) => {
  expect(() => readTensorTable(bytesSource(makeTorchTar({ ...content, ...change })))).toThrow(MalformedTensors);
});

it('refuses a tensor that reaches beyond its storage by name', () => {
  const bytes = makeTorchTar({ ...content, tensors: { ...content.tensors, 21: { storage: 11, shape: [7] } } });
  expect(readTensorTable(bytesSource(bytes)).refused).toEqual([
    { name: 'turned', reason: expect.stringMatching(/reaches element 6/) },
  ]);
});
