import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  dict,
  float,
  global,
  list,
  orderedDict,
  type PyValue,
  set,
  tuple,
  writePickle,
} from '#lib/demo/index.ts';

/** What CPython 3.11 prints for `pickle.dumps(value, 2).hex()`. */
const DUMPS: readonly [label: string, value: PyValue, hex: string][] = [
  ['None', null, '80024e2e'],
  ['True', true, '8002882e'],
  ['0', 0, '80024b002e'],
  ['255', 255, '80024bff2e'],
  ['256', 256, '80024d00012e'],
  ['65536', 65_536, '80024a000001002e'],
  ['-1', -1, '80024affffffff2e'],
  ['2**31', 2 ** 31, '80028a0500000080002e'],
  ['-2**40', -(2 ** 40), '80028a060000000000ff2e'],
  ['1.5', float(1.5), '8002473ff80000000000002e'],
  ["'é'", 'é', '80025802000000c3a971002e'],
  [
    "b'\\x00\\xff'",
    bytes(Uint8Array.of(0, 255)),
    '8002635f636f646563730a656e636f64650a7100580300000000c3bf710158060000006c6174696e3171028671035271042e',
  ],
  ['()', tuple(), '8002292e'],
  ['(1,)', tuple(1), '80024b018571002e'],
  ['(1, 2, 3)', tuple(1, 2, 3), '80024b014b024b038771002e'],
  ['(1, 2, 3, 4)', tuple(1, 2, 3, 4), '8002284b014b024b034b047471002e'],
  ['[]', list(), '80025d71002e'],
  ['[1]', list(1), '80025d71004b01612e'],
  ['[1, 2]', list(1, 2), '80025d7100284b014b02652e'],
  ["{'a': 1}", dict([['a', 1]]), '80027d710058010000006171014b01732e'],
  [
    "{'a': 1, 'b': 2}",
    dict([
      ['a', 1],
      ['b', 2],
    ]),
    '80027d71002858010000006171014b0158010000006271024b02752e',
  ],
  [
    'OrderedDict(a=1)',
    orderedDict([['a', 1]]),
    '800263636f6c6c656374696f6e730a4f726465726564446963740a71002952710158010000006171024b01732e',
  ],
  ['set()', set(), '8002635f5f6275696c74696e5f5f0a7365740a71005d71018571025271032e'],
  [
    'two empty OrderedDicts in a list',
    list(orderedDict(), orderedDict()),
    '80025d71002863636f6c6c656374696f6e730a4f726465726564446963740a710129527102680129527103652e',
  ],
  [
    'a class that a dict has as key and value',
    dict([[global('collections', 'deque'), global('collections', 'deque')]]),
    '80027d710063636f6c6c656374696f6e730a64657175650a71016801732e',
  ],
];

describe('a pickle has the bytes that CPython writes', () => {
  it.each(DUMPS)('for %s', (_, value, hex) => {
    expect(writePickle(value).toString('hex')).toBe(hex);
  });

  // `hashlib.sha256(pickle.dumps(…, 2)).hexdigest()`
  it.each<[string, (count: number) => PyValue, string]>([
    ['list', (count) => list(...numbers(count)), 'd401755777127c2204ef4bb8b7c230b2b027e9b1cb89df619e5b106c5685a107'],
    [
      'dict',
      (count) => dict(numbers(count).map((number) => [number, null])),
      '0500deb000e73dc9da765b6370058eff2622fef99ea84c3a39d39b93f6efb118',
    ],
    [
      'OrderedDict',
      (count) => orderedDict(numbers(count).map((number) => [number, null])),
      '2c5dab5955cf91558006ac5f0694af072652c7c275ab012771041fb8a78168a5',
    ],
  ])('for a %s of 2001, one more than two batches', (_, make, digest) => {
    expect(
      createHash('sha256')
        .update(writePickle(make(2001)))
        .digest('hex'),
    ).toBe(digest);
  });
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

it('refuses a number that is not whole, which Python would pickle as another type', () => {
  expect(() => writePickle(0.5)).toThrow(RangeError);
});
