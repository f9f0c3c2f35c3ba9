import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertToSafetensors, type Selection, verifyConversion } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/source.ts';
import {
  floats,
  makeTorchLegacy,
  makeTorchZip,
  pickle,
  storageId,
  type TensorRecord,
  tensor,
} from '../../fixtures/torch-file.ts';
import { makeTorchTar, tarTensor } from '../../fixtures/torch-tar.ts';

const { bool, build, dict, global, int, none, reduce, text, tuple } = pickle;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse golden '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const torchUtils = (name: string) => global('torch._utils', name);
const ordered = reduce(global('collections', 'OrderedDict'), []);
const named = (entries: Readonly<Record<string, Buffer>>) =>
  dict(Object.entries(entries).map(([name, value]) => [text(name), value] as const));
/** The bytes 0, 1, 2 and on: an element's bytes tell where it stood. */
const ramp = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);
const w = (record: Partial<TensorRecord> = {}) => tensor({ elements: 4, shape: [4], ...record });

let files = 0;
/** What is written, read without any of the project's code: `dtype shape hex` by name, and the SHA-256 of the file. */
async function convert(bytes: Uint8Array, options: Selection = {}) {
  files += 1;
  const path = join(folder, `${files}.ckpt`);
  const target = join(folder, `${files}.safetensors`);
  writeFileSync(path, bytes);
  using source = openFileSource(path);
  const report = await convertToSafetensors(source, target, { ...options, flush: false });
  await verifyConversion(source, target, options);
  const written = readFileSync(target);
  const start = 8 + Number(written.readBigUInt64LE());
  const { __metadata__: _, ...entries } = JSON.parse(written.toString('utf8', 8, start));
  const tensors = Object.fromEntries(
    Object.entries(entries as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, `${dtype} [${shape}] ${written.toString('hex', start + begin, start + end)}`],
    ),
  );
  return { tensors, report, sha256: createHash('sha256').update(written).digest('hex') };
}

describe('every storage class', () => {
  it.each([
    ['DoubleStorage', 'F64', 8],
    ['FloatStorage', 'F32', 4],
    ['HalfStorage', 'F16', 2],
    ['BFloat16Storage', 'BF16', 2],
    ['LongStorage', 'I64', 8],
    ['IntStorage', 'I32', 4],
    ['ShortStorage', 'I16', 2],
    ['CharStorage', 'I8', 1],
    ['ByteStorage', 'U8', 1],
    ['BoolStorage', 'BOOL', 1],
    ['ComplexFloatStorage', 'C64', 8],
  ])('%s becomes %s, bit for bit, in all layouts', async (storageClass, dtype, width) => {
    const record = { storageClass, elements: 2, shape: [2] };
    const bytes = dtype === 'BOOL' ? Uint8Array.of(1, 0) : ramp(2 * width);
    const expected = { w: `${dtype} [2] ${Buffer.from(bytes).toString('hex')}` };
    const word = dtype === 'C64' ? 4 : width;
    const big = Uint8Array.from(bytes, (_, i) => bytes[i - (i % word) + word - 1 - (i % word)] ?? 0);
    const storages = { 0: { elements: 2, bytes } };

    const made = [
      await convert(makeTorchZip(named({ w: tensor(record) }), { 0: bytes })),
      await convert(makeTorchZip(named({ w: tensor(record) }), { 0: big }, { byteorder: 'big' })),
      await convert(makeTorchLegacy(named({ w: tensor(record, true) }), storages)),
      await convert(
        makeTorchLegacy(named({ w: tensor(record, true) }), { 0: { elements: 2, bytes: big } }, { bigEndian: true }),
      ),
      await convert(
        makeTorchTar({
          storages: { 1: { storageClass, bytes, elements: 2 } },
          views: [],
          tensors: { 2: { storage: 1, shape: [2] } },
          object: named({ w: tarTensor(2) }),
        }),
      ),
    ];
    for (const { tensors } of made) expect(tensors).toEqual(expected);
    expect(new Set(made.map(({ sha256 }) => sha256)).size).toBe(1);
  });

  it.each([
    ['float8_e4m3fn', 'F8_E4M3', 1],
    ['float8_e5m2', 'F8_E5M2', 1],
    ['float8_e4m3fnuz', 'F8_E4M3FNUZ', 1],
    ['float8_e5m2fnuz', 'F8_E5M2FNUZ', 1],
    ['float8_e8m0fnu', 'F8_E8M0', 1],
    ['uint16', 'U16', 2],
    ['uint32', 'U32', 4],
    ['uint64', 'U64', 8],
    ['float16', 'F16', 2],
  ])('UntypedStorage with %s becomes %s', async (name, dtype, width) => {
    const storage = pickle.persistent(
      tuple([text('storage'), global('torch.storage', 'UntypedStorage'), text('0'), text('cpu'), int(4 * width)]),
    );
    const value = reduce(torchUtils('_rebuild_tensor_v3'), [
      ...[storage, int(1), tuple([int(2)]), tuple([int(2)])],
      ...[bool(false), ordered, global('torch', name), dict([])],
    ]);
    const { tensors } = await convert(makeTorchZip(named({ w: value }), { 0: ramp(4 * width) }));
    const bytes = Buffer.from(ramp(4 * width));
    // The second and the fourth.
    const second = bytes.toString('hex', width, 2 * width);
    expect(tensors).toEqual({ w: `${dtype} [2] ${second}${bytes.toString('hex', 3 * width)}` });
  });
});

describe('every rebuild function', () => {
  const storage = (record: Partial<TensorRecord> = {}) => storageId({ elements: 4, shape: [4], ...record }, false);
  const place = [int(1), tuple([int(2)]), tuple([int(2)])];
  const marked = (mark: string) => [...place, bool(false), ordered, named({ [mark]: bool(true) })];
  const plain = 'F32 [2] 040506070c0d0e0f';

  /** `BINFLOAT` and its eight bytes. */
  const double = (value: number) => {
    const bytes = Buffer.alloc(9, 'G');
    bytes.writeDoubleBE(value, 1);
    return bytes;
  };
  const quantised = (storageClass: string, parameters: Buffer) =>
    reduce(torchUtils('_rebuild_qtensor'), [storage({ storageClass }), ...place, parameters, bool(false), ordered]);
  const scales = (shape = [2]) => tensor({ key: 'scales', storageClass: 'DoubleStorage', elements: 2, shape });
  const zeros = () => tensor({ key: 'zeros', storageClass: 'LongStorage', elements: 2, shape: [2] });
  const PARAMETERS = {
    scales: new Uint8Array(Float64Array.of(0.5, 2).buffer),
    zeros: new Uint8Array(BigInt64Array.of(1n, -2n).buffer),
  };
  const singles = (...numbers: number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('hex');

  it.each<[string, Buffer, string]>([
    [
      'one scale',
      quantised('QInt8Storage', tuple([global('torch', 'per_tensor_affine'), double(0.25), int(3)])),
      // The second and the fourth byte of 250, 251, 252… as signed numbers.
      `F32 [2] ${singles((-5 - 3) * 0.25, (-3 - 3) * 0.25)}`,
    ],
    [
      'one scale, without signs',
      quantised('QUInt8Storage', tuple([global('torch', 'per_tensor_affine'), double(0.25), int(3)])),
      `F32 [2] ${singles((251 - 3) * 0.25, (253 - 3) * 0.25)}`,
    ],
    [
      'a scale for each channel',
      quantised('QInt8Storage', tuple([global('torch', 'per_channel_affine'), scales(), zeros(), int(0)])),
      `F32 [2] ${singles((-5 - 1) * 0.5, (-3 + 2) * 2)}`,
    ],
  ])('quantised numbers with %s become those that they stand for', async (_name, value, expected) => {
    const bytes = Uint8Array.from({ length: 4 }, (_, i) => 250 + i);
    const { tensors } = await convert(makeTorchZip(named({ w: value }), { 0: bytes, ...PARAMETERS }));
    expect(tensors).toEqual({ w: expected });
  });

  it.each<[string, Buffer, string]>([
    ['_rebuild_tensor', reduce(torchUtils('_rebuild_tensor'), [storage(), ...place]), plain],
    ['_rebuild_tensor_v2', reduce(torchUtils('_rebuild_tensor_v2'), [storage(), ...place, bool(true), ordered]), plain],
    [
      '_rebuild_tensor_v2 of a negated view',
      reduce(torchUtils('_rebuild_tensor_v2'), [storage(), ...marked('neg')]),
      'F32 [2] 040506870c0d0e8f',
    ],
    [
      '_rebuild_tensor_v2 of a conjugated view',
      reduce(torchUtils('_rebuild_tensor_v2'), [storage({ storageClass: 'ComplexFloatStorage' }), ...marked('conj')]),
      'C64 [2] 08090a0b0c0d0e8f18191a1b1c1d1e9f',
    ],
    [
      '_rebuild_parameter',
      reduce(torchUtils('_rebuild_parameter'), [w({ shape: [1] }), bool(true), ordered]),
      'F32 [1] 00010203',
    ],
    [
      '_rebuild_parameter_with_state',
      reduce(torchUtils('_rebuild_parameter_with_state'), [w({ shape: [] }), bool(true), ordered, dict([])]),
      'F32 [] 00010203',
    ],
    [
      '_rebuild_from_type_v2',
      reduce(global('torch._tensor', '_rebuild_from_type_v2'), [
        torchUtils('_rebuild_tensor_v2'),
        global('torch.nn.parameter', 'Parameter'),
        tuple([storage(), ...place, bool(true), ordered]),
        dict([]),
      ]),
      plain,
    ],
  ])('%s', async (_name, value, expected) => {
    const { tensors } = await convert(makeTorchZip(named({ w: value }), { 0: ramp(32) }));
    expect(tensors).toEqual({ w: expected });
  });

  it.each<[string, Buffer, RegExp]>([
    ['quantised without a scale', quantised('QInt8Storage', tuple([])), /"layer\.w".*quantized in an unknown way/],
    [
      'quantised in another way',
      quantised('QInt8Storage', tuple([global('torch', 'x'), int(1)])),
      /"layer\.w".*unknown/,
    ],
    [
      'quantised with a zero point that is no number',
      quantised('QInt8Storage', tuple([global('torch', 'per_tensor_affine'), int(1), text('0')])),
      /"layer\.w".*zero point/,
    ],
    [
      'quantised along a dimension that is not there',
      quantised('QInt8Storage', tuple([global('torch', 'per_channel_affine'), scales(), zeros(), int(3)])),
      /"layer\.w".*dimension/,
    ],
    [
      'quantised with too few scales',
      quantised('QInt8Storage', tuple([global('torch', 'per_channel_affine'), scales([1]), zeros(), int(0)])),
      /"layer\.w".*2 channels but 1 scales/,
    ],
    ['quantised two a byte', quantised('QUInt4x2Storage', tuple([])), /"layer\.w"/],
    [
      'sparse',
      reduce(torchUtils('_rebuild_sparse_tensor'), [global('torch', 'sparse_coo'), tuple([w(), w(), tuple([int(4)])])]),
      /"layer\.w".*sparse/,
    ],
    [
      'without numbers',
      reduce(torchUtils('_rebuild_meta_tensor_no_storage'), [
        ...[global('torch', 'float32'), tuple([int(4)]), tuple([int(1)]), bool(false)],
      ]),
      /"layer\.w".*no data/,
    ],
    ['of complex doubles', tensor({ storageClass: 'ComplexDoubleStorage', elements: 2, shape: [2] }), /"layer\.w"/],
  ])('refuses a tensor that is %s by name', async (_what, value, message) => {
    const conversion = convert(
      makeTorchZip(named({ layer: named({ w: value }), good: w() }), { 0: ramp(64), ...PARAMETERS }),
    );
    await expect(conversion).rejects.toMatchObject({ code: 'tensor-refused', message: expect.stringMatching(message) });
    const rest = await convert(
      makeTorchZip(named({ layer: named({ w: value }), good: w() }), { 0: ramp(64), ...PARAMETERS }),
      {
        skipUnsupported: true,
      },
    );
    expect(Object.keys(rest.tensors)).toEqual(['good']);
  });
});

describe('every view and every wrapper', () => {
  it.each<[string, TensorRecord, string]>([
    ['an offset', { elements: 8, shape: [2], offset: 3 }, '[2] 0304'],
    ['a transposed one', { elements: 8, shape: [2, 3], stride: [1, 2] }, '[2,3] 000204010305'],
    ['an expanded one', { elements: 8, shape: [3, 2], stride: [0, 1], offset: 6 }, '[3,2] 060706070607'],
    ['an overlapping one', { elements: 8, shape: [3, 2], stride: [1, 1] }, '[3,2] 000101020203'],
    ['every second column', { elements: 8, shape: [2, 2], stride: [4, 2], offset: 1 }, '[2,2] 01030507'],
    ['a scalar', { elements: 8, shape: [], offset: 5 }, '[] 05'],
    ['an empty one', { elements: 8, shape: [0, 3] }, '[0,3] '],
    ['one whose step does not matter', { elements: 8, shape: [1, 2], stride: [99, 1] }, '[1,2] 0001'],
  ])('writes out %s', async (_what, record, expected) => {
    const bytes = named({ w: tensor({ ...record, storageClass: 'ByteStorage' }) });
    expect((await convert(makeTorchZip(bytes, { 0: ramp(8) }))).tensors).toEqual({ w: `U8 ${expected}` });
  });

  it('gives tensors that share a storage bytes of their own, and names them', async () => {
    const { tensors, report } = await convert(
      makeTorchZip(named({ a: w(), b: w(), c: w({ key: '1' }) }), { 0: ramp(16), 1: ramp(16) }),
    );
    expect(new Set(Object.values(tensors))).toEqual(new Set(['F32 [4] 000102030405060708090a0b0c0d0e0f']));
    expect(report.shared).toEqual([['a', 'b']]);
  });

  it('takes the weights out of a Lightning checkpoint, and says what stays behind', async () => {
    const { tensors, report } = await convert(
      makeTorchZip(
        named({
          state_dict: named({ 'net.w': w({ elements: 1, shape: [1] }) }),
          epoch: int(3),
          callbacks: reduce(global('pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint'), []),
        }),
        { 0: ramp(4) },
      ),
    );
    expect(tensors).toEqual({ 'net.w': 'F32 [1] 00010203' });
    expect(report.dropped.map(({ name }) => name)).toEqual(['epoch', 'callbacks']);
  });

  it('names the layers of a hypernetwork, and the vectors of an embedding', async () => {
    const layer = named({ 'linear.0.weight': w({ elements: 1, shape: [1] }) });
    const hypernetwork = dict([[int(768), tuple([layer, layer])]]);
    expect((await convert(makeTorchZip(hypernetwork, { 0: ramp(4) }))).tensors).toEqual({
      '768.0.linear.0.weight': 'F32 [1] 00010203',
      '768.1.linear.0.weight': 'F32 [1] 00010203',
    });
    const parameters = build(
      Buffer.concat([global('torch.nn.modules.container', 'ParameterDict'), Buffer.from(')\x81', 'latin1')]),
      named({ _parameters: named({ '*': w({ elements: 2, shape: [1, 2] }) }), training: bool(true), extra: none }),
    );
    const embedding = named({ string_to_token: named({ '*': int(265) }), string_to_param: parameters });
    expect((await convert(makeTorchZip(embedding, { 0: ramp(8) }))).tensors).toEqual({
      emb_params: 'F32 [1,2] 0001020304050607',
    });
  });
});

/** SHA-256 of the header and the numbers of the records below, put together with Python's `json` and `struct`. */
const GOLDEN = '944b96c021775d47420a4d7605a162381267bfca3a22047217a13ff1a20868de';

describe('the file', () => {
  const records: Readonly<Record<string, TensorRecord>> = {
    'b.weight': { elements: 6, shape: [3, 2], stride: [1, 3] },
    'a.bias': { elements: 6, shape: [2], offset: 1 },
    'ü.half': { storageClass: 'HalfStorage', key: '1', elements: 3, shape: [3] },
    alpha: { elements: 6, shape: [], offset: 5 },
  };
  const numbers = floats([1, 2, 3, 4, 5, 6]);
  const halves = Uint8Array.of(0, 0x3c, 0, 0x40, 0xff, 0x7f);
  const object = (legacy: boolean) =>
    named(Object.fromEntries(Object.entries(records).map(([name, record]) => [name, tensor(record, legacy)])));

  it.each<[string, () => Uint8Array]>([
    ['zip', () => makeTorchZip(object(false), { 0: numbers, 1: halves })],
    [
      'zip, big-endian',
      () =>
        makeTorchZip(
          object(false),
          { 0: Buffer.from(numbers).swap32(), 1: Buffer.from(halves).swap16() },
          { byteorder: 'big' },
        ),
    ],
    [
      'legacy',
      () => makeTorchLegacy(object(true), { 0: { elements: 6, bytes: numbers }, 1: { elements: 3, bytes: halves } }),
    ],
  ])('has these bytes on every machine, whatever it is made from: %s', async (_layout, make) => {
    expect((await convert(make())).sha256).toBe(GOLDEN);
  });
});
