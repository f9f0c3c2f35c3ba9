import { describe, expect, it } from 'vitest';
import { bytesSource } from '#scanner/source.ts';
import { MalformedTensors, readTensorTable, readTensorValues } from '#scanner/tensors/index.ts';
import {
  floats,
  makeTorchLegacy,
  makeTorchZip,
  pickle,
  rowMajor,
  type TensorRecord,
  tensor,
} from '../../fixtures/torch-file.ts';

const { dict, text, int } = pickle;
const read = (bytes: Uint8Array) => readTensorTable(bytesSource(bytes));
const state = (entries: Record<string, Buffer>) => dict(Object.entries(entries).map(([k, v]) => [text(k), v] as const));
const one = (record: TensorRecord, storages: Record<string, Uint8Array>, options = {}) =>
  read(makeTorchZip(state({ w: tensor(record) }), storages, options));

describe('readTensorTable on a torch zip', () => {
  it('lists tensors with the place of their numbers', () => {
    const bytes = makeTorchZip(
      state({
        a: tensor({ elements: 6, shape: [2, 3] }),
        b: tensor({ storageClass: 'HalfStorage', key: '1', elements: 2, offset: 1, shape: [] }),
        c: tensor({ storageClass: 'LongStorage', key: '2', elements: 0, shape: [0] }),
      }),
      { 0: floats([1, 2, 3, 4, 5, 6]), 1: Uint8Array.of(0, 0, 0, 0x3c), 2: new Uint8Array(0) },
    );
    const table = read(bytes);
    expect(table.refused).toEqual([]);
    expect(table.tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['a', 'F32', [2, 3]],
      ['b', 'F16', []],
      ['c', 'I64', [0]],
    ]);
    const [a, b] = table.tensors;
    expect(a && readTensorValues(bytesSource(bytes), a)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(b && readTensorValues(bytesSource(bytes), b)).toEqual(Float32Array.of(1));
  });

  it('opens wrappers and keeps what is not a tensor as a note', () => {
    const inner = state({
      'module.x': tensor({ elements: 1, shape: [1] }),
      'module.y': tensor({ elements: 1, shape: [1] }),
    });
    const table = read(
      makeTorchZip(
        state({
          epoch: int(3),
          global_step: int(875000),
          state_dict: inner,
          callbacks: dict([[pickle.global('pytorch_lightning.callbacks', 'ModelCheckpoint'), dict([])]]),
          optimizer_states: pickle.list([state({ exp_avg: tensor({ elements: 1, shape: [1] }) })]),
        }),
        { 0: floats([1]) },
      ),
    );
    expect(table.tensors.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(table.pickle?.wrapper).toBe('state_dict');
    expect(table.pickle?.scalars.get('global_step')).toBe(875000);
    expect(table.nonTensors).toContainEqual({ name: 'optimizer_states', summary: 'list of 1 with tensors' });
    expect(table.nonTensors).toContainEqual({ name: 'epoch', summary: 'int 3' });
  });

  it('reads an embedding whose ParameterDict hides its vectors', () => {
    const parameter = pickle.reduce(pickle.global('torch._utils', '_rebuild_parameter'), [
      tensor({ elements: 1536, shape: [2, 768] }),
      pickle.bool(true),
      pickle.none,
    ]);
    const parameters = pickle.build(
      Buffer.concat([pickle.global('torch.nn.modules.container', 'ParameterDict'), Buffer.from(')\x81', 'latin1')]),
      state({ training: pickle.bool(true), _parameters: state({ '*': parameter }) }),
    );
    const table = read(
      makeTorchZip(state({ string_to_token: state({ '*': int(265) }), string_to_param: parameters, step: int(1000) }), {
        0: floats(new Array(1536).fill(1)),
      }),
    );
    expect(table.tensors.map(({ name, shape }) => [name, shape])).toEqual([['emb_params', [2, 768]]]);
    expect(table.pickle?.wrapper).toBe('string_to_param');
  });

  it('keeps numbered keys of a hypernetwork as numbers', () => {
    const layers = pickle.tuple([state({ 'linear.0.weight': tensor({ elements: 1, shape: [1] }) })]);
    const table = read(makeTorchZip(dict([[int(768), layers]]), { 0: floats([1]) }));
    expect(table.pickle?.rootKeys).toEqual([768]);
    expect(table.tensors[0]?.name).toBe('768.0.linear.0.weight');
  });

  it.each<[string, TensorRecord, RegExp]>([
    ['a storage larger than its member', { elements: 2 ** 31 - 1, shape: [4] }, /claims .* bytes/],
    ['a view larger than its storage', { elements: 4, shape: [65535, 2] }, /reaches element/],
    ['a negative offset', { elements: 4, offset: -1, shape: [2] }, /before the start/],
    ['strides of another rank', { elements: 4, shape: [2, 2], stride: [1] }, /strides/],
    ['a negative stride', { elements: 4, shape: [2], stride: [-1] }, /strides/],
    ['a missing member', { key: '9', elements: 4, shape: [4] }, /no entry data\/9/],
    [
      'a shape beyond counting',
      { elements: 4, shape: [2 ** 31 - 1, 2 ** 31 - 1], stride: [0, 0] },
      /too many elements/,
    ],
    [
      'complex doubles',
      { storageClass: 'ComplexDoubleStorage', elements: 1, shape: [1] },
      /not supported by safetensors/,
    ],
    [
      'quantised numbers without a scale',
      { storageClass: 'QInt8Storage', elements: 1, shape: [1] },
      /its scale is not/,
    ],
    ['numbers quantised two a byte', { storageClass: 'QUInt4x2Storage', elements: 1, shape: [1] }, /not supported/],
  ])('refuses %s', (_what, record, reason) => {
    const table = one(record, { 0: floats([1, 2, 3, 4]) });
    expect(table.tensors).toEqual([]);
    expect(table.refused).toEqual([{ name: 'w', reason: expect.stringMatching(reason) }]);
  });

  it('refuses numbers that are stored compressed', () => {
    const table = one({ elements: 4, shape: [4] }, { 0: floats([1, 2, 3, 4]) }, { deflate: true });
    expect(table.refused[0]?.reason).toMatch(/compressed/);
  });

  it('accepts an expanded view, whose strides are zero', () => {
    const table = one({ elements: 1, shape: [1000, 1000], stride: [0, 0] }, { 0: floats([7]) });
    expect(table.tensors[0]?.storage.stride).toEqual([0, 0]);
  });

  it('marks big-endian storages', () => {
    const bytes = makeTorchZip(
      state({ w: tensor({ elements: 1, shape: [1] }) }),
      { 0: Uint8Array.of(0x3f, 0x80, 0, 0) },
      {
        byteorder: 'big',
      },
    );
    const [w] = read(bytes).tensors;
    expect(w?.storage.bigEndian).toBe(true);
    expect(w && readTensorValues(bytesSource(bytes), w)).toEqual(Float32Array.of(1));
  });

  it('refuses the reserved name and the second of two equal names, and survives __proto__', () => {
    const record = tensor({ elements: 1, shape: [1] });
    const table = read(
      makeTorchZip(
        dict([
          [text('__metadata__'), record],
          [text('__proto__'), record],
          [int(1), record],
          [text('1'), record],
        ]),
        { 0: floats([1]) },
      ),
    );
    expect(table.tensors.map(({ name }) => name)).toEqual(['__proto__', '1']);
    expect(table.refused.map(({ name }) => name)).toEqual(['__metadata__', '1']);
  });

  it('reads float8 of _rebuild_tensor_v3 from an untyped storage', () => {
    const storage = pickle.persistent(
      pickle.tuple([text('storage'), pickle.global('torch.storage', 'UntypedStorage'), text('0'), text('cpu'), int(4)]),
    );
    const value = pickle.reduce(pickle.global('torch._utils', '_rebuild_tensor_v3'), [
      storage,
      int(1),
      pickle.tuple([int(3)]),
      pickle.tuple([int(1)]),
      pickle.bool(false),
      dict([]),
      pickle.global('torch', 'float8_e4m3fn'),
      dict([]),
    ]);
    const table = read(makeTorchZip(state({ w: value }), { 0: Uint8Array.of(1, 2, 3, 4) }));
    expect(table.tensors[0]).toMatchObject({ dtype: 'F8_E4M3', shape: [3], storage: { elements: 4, offset: 1 } });
  });

  it('gives up on dictionaries that hold themselves', () => {
    // d = {}; d['a'] = d; with a tensor beside, so that it is looked into.
    const record = tensor({ elements: 1, shape: [1] });
    const object = Buffer.concat([
      Buffer.from('}q\x00(', 'latin1'),
      text('w'),
      record,
      text('a'),
      Buffer.from('h\x00u', 'latin1'),
    ]);
    expect(() => read(makeTorchZip(object, { 0: floats([1]) }))).toThrow(MalformedTensors);
  });
});

describe('readTensorTable on other containers', () => {
  it('reads the legacy layout, with views on storages', () => {
    const object = state({
      whole: tensor({ key: 'root', elements: 4, shape: [2, 2] }, true),
      part: tensor({ key: 'root', elements: 4, shape: [2], view: ['view', 2, 2] }, true),
      ids: tensor({ storageClass: 'LongStorage', key: 'other', elements: 1, shape: [1] }, true),
    });
    const bytes = makeTorchLegacy(object, {
      root: { elements: 4, bytes: floats([1, 2, 3, 4]) },
      other: { elements: 1, bytes: new Uint8Array(BigInt64Array.of(5n).buffer) },
    });
    const table = read(bytes);
    expect(table.refused).toEqual([]);
    const values = table.tensors.map((value) => readTensorValues(bytesSource(bytes), value));
    expect(values[0]).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(values[1]).toEqual(Float32Array.of(3, 4));
    expect(table.tensors[2]?.dtype).toBe('I64');
  });

  it('reads safetensors from its header', () => {
    const header = JSON.stringify({
      __metadata__: { format: 'pt' },
      w: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    });
    const bytes = Buffer.alloc(8 + header.length + 8);
    bytes.writeBigUInt64LE(BigInt(header.length));
    bytes.write(header, 8);
    const table = read(bytes);
    expect(table.metadata.get('format')).toBe('pt');
    expect(table.tensors).toEqual([
      {
        name: 'w',
        dtype: 'F32',
        shape: [2, 1],
        storage: { start: 8 + header.length, elements: 2, offset: 0, stride: rowMajor([2, 1]) },
      },
    ]);
  });

  it('has no tensors to give for a plain pickle', () => {
    const table = read(pickle.whole(state({ step: int(5) })));
    expect(table.tensors).toEqual([]);
    expect(table.nonTensors).toEqual([{ name: 'step', summary: 'int 5' }]);
  });

  it('says so where the file is of another kind', () => {
    expect(() => read(Buffer.from('tjgg and so on'))).toThrow(/ggml/);
  });
});
