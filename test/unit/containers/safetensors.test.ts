import { describe, expect, it } from 'vitest';
import {
  ContainerLimit,
  MalformedSafetensors,
  readSafetensorsHeader,
  sniffContainer,
} from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/source.ts';

/** A file with this header, its length in front, and `data` zero bytes behind. */
function file(header: string | Uint8Array, data = 0): Uint8Array {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text, Buffer.alloc(data)]);
}

const tensor = (begin: number, end: number, shape = '[2]', dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`;
const read = (bytes: Uint8Array) => readSafetensorsHeader(bytesSource(bytes));

/** Where the `i`th of tensors of 0, 2 and 4 bytes by turns begins. */
const offsetOf = (i: number) => 6 * Math.floor(i / 3) + (i % 3 === 2 ? 2 : 0);

describe('good files', () => {
  it('are read with their metadata', () => {
    const bytes = file(
      `{"__metadata__":{"format":"pt","note":"<script>"},"b":${tensor(8, 16)},"a":${tensor(0, 8)}}   `,
      16,
    );
    const { header, metadata, dataStart } = read(bytes);

    expect([...header]).toEqual([
      ['b', { dtype: 'F32', shape: [2], begin: 8, end: 16 }],
      ['a', { dtype: 'F32', shape: [2], begin: 0, end: 8 }],
    ]);
    expect(metadata).toEqual(
      new Map([
        ['format', 'pt'],
        ['note', '<script>'],
      ]),
    );
    expect(dataStart).toBe(bytes.length - 16);
    expect(sniffContainer(bytesSource(bytes))).toBe('safetensors');
  });

  it.each([
    ['without spaces', (entry: object) => JSON.stringify(entry)],
    ['with lines and spaces', (entry: object) => JSON.stringify(entry, null, 2)],
    ['with escapes in every text', (entry: object) => JSON.stringify(entry).replaceAll('_', '\\u005f')],
    [
      'with its keys in another order',
      (entry: object) => JSON.stringify(Object.fromEntries(Object.entries(entry).reverse())),
    ],
  ])('say the same %s, also where a window of the reader ends anywhere in it', (_, write) => {
    const count = 20_000;
    const header = Array.from({ length: count }, (_unused, i) => {
      const entry = {
        dtype: i % 2 === 0 ? 'F16' : 'I16',
        shape: [1, i % 3],
        data_offsets: [offsetOf(i), offsetOf(i + 1)],
      };
      return `"layer.${i}.weight":${write(entry)}`;
    });
    const found = read(file(`{${header.join(',')}}`, offsetOf(count))).header;
    expect(found.size).toBe(count);
    for (const i of [0, 1, 2, 7000, 13_333, count - 1]) {
      const dtype = i % 2 === 0 ? 'F16' : 'I16';
      const [begin, end] = [offsetOf(i), offsetOf(i + 1)];
      expect(found.get(`layer.${i}.weight`)).toEqual({ dtype, shape: [1, i % 3], begin, end });
    }
  });

  it('say the same when they are read again, with their metadata or without, and keep to the limits of each reading', () => {
    const source = bytesSource(
      file(`{"a":${tensor(0, 8)}, "__metadata__" : {"format":"pt","é":"\\n"},"b":${tensor(8, 16)}}`, 16),
    );
    const first = readSafetensorsHeader(source, { keepsMetadata: false });
    expect([...first.metadata.values()]).toEqual(['', '']);
    const whole = readSafetensorsHeader(source);
    expect(whole).toEqual(readSafetensorsHeader({ size: source.size, read: source.read }));
    expect([...whole.metadata]).toEqual([
      ['format', 'pt'],
      ['é', '\n'],
    ]);
    expect(readSafetensorsHeader(source, { keepsMetadata: false }).header).toEqual(first.header);
    expect(() => readSafetensorsHeader(source, { maxTensors: 1 })).toThrow(ContainerLimit);
    expect(() => readSafetensorsHeader(source, { maxBytes: 20 })).toThrow(ContainerLimit);
  });

  it.each([
    ['no tensors', '{}', 0],
    ['a scalar', `{"a":${tensor(0, 4, '[]')}}`, 4],
    ['an empty tensor', `{"v_pred":${tensor(0, 0, '[0]')},"a":${tensor(0, 8)}}`, 8],
    ['names that poison objects', `{"__proto__":${tensor(0, 8)},"constructor":${tensor(8, 16)}}`, 16],
    ['a text of 20 MB', `{"__metadata__":{"tags":"${'a\\n'.repeat(7_000_000)}"}}`, 0],
    ['pairs of escapes at the end of every piece', `{"__metadata__":{"a":"x${'\\ud83d\\ude00'.repeat(20_000)}"}}`, 0],
    ['fp8', `{"a":${tensor(0, 2, '[2]', '"F8_E4M3"')}}`, 2],
  ])('may hold %s', (_, header, data) => {
    expect(() => read(file(header, data))).not.toThrow();
  });
});

it.each([
  [
    'a header length of 2^40',
    Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, 0]), Buffer.from('{}')]),
    /claims 1099511627776 bytes/,
  ],
  ['a cut header', file('{"a":').subarray(0, 11), /ends within its header/],
  ['an array for a header', file('[]'), /does not begin with/],
  ['bytes that are not UTF-8', file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /not valid UTF-8/],
  ['a key twice', file(`{"a":${tensor(0, 8)},"a":${tensor(8, 16)}}`, 16), /contains "a" twice/],
  ['an unknown type', file(`{"a":${tensor(0, 8, '[2]', '"F33"')}}`, 8), /unknown type \(F33\)/],
  ['a float offset', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}}', 8), /not valid JSON/],
  ['a boolean in a shape', file(`{"a":${tensor(0, 4, '[true]')}}`, 4), /not valid JSON/],
  ['metadata that is no text', file('{"__metadata__":{"a":1}}'), /metadata "a" is not a string/],
  ['a field too many', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}', 8), /not described by/],
  ['a size that does not match', file(`{"a":${tensor(0, 12)}}`, 12), /has 12 bytes/],
  [
    'a shape that overflows',
    file(`{"a":${tensor(0, 8, '[9007199254740991,9007199254740991]')}}`, 8),
    /shape of the tensor "a" is too large/,
  ],
  ['a tensor that ends before it begins', file(`{"a":${tensor(8, 0)}}`, 8), /ends before it begins/],
  ['half a byte', file(`{"a":${tensor(0, 2, '[3]', '"F4"')}}`, 2), /byte boundary/],
  ['overlapping tensors', file(`{"a":${tensor(0, 8)},"b":${tensor(4, 12)}}`, 12), /"b" overlaps another/],
  ['a gap', file(`{"a":${tensor(0, 8)},"b":${tensor(12, 20)}}`, 20), /"b" leaves a gap/],
  ['trailing bytes', file(`{"a":${tensor(0, 8)}}`, 9), /1 bytes after the last tensor/],
  ['missing bytes', file(`{"a":${tensor(0, 8)}}`, 7), /ends before the end of its tensors/],
  ['deep nesting', file(`{"a":${'['.repeat(100_000)}`), /nested too deeply/],
])('%s is refused', (_, bytes, message) => {
  expect(() => read(bytes)).toThrow(MalformedSafetensors);
  expect(() => read(bytes)).toThrow(message);
});
