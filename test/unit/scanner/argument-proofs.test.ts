import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import type { ProofName } from '#scanner/pickle/proof-names.ts';
import { call, dict, global, int, latin1, storage, tensor, text, tuple, u64 } from '../../fixtures/pickles.ts';
import { dtypeForm } from '../../fixtures/proof-cases.ts';

const list = (...items: readonly string[]) => `](${items.join('')}e`;
const ordered = call('collections', 'OrderedDict');
const encode = (value: string) => call('_codecs', 'encode', text(value), text('latin1'));
const f8 = dtypeForm(text('f8'));
const array = (type: string, data: string) =>
  `${call('numpy.core.multiarray', '_reconstruct', global('numpy', 'ndarray'), tuple(int(0)), encode('b'))}${tuple(int(1), tuple(int(1)), type, '\x89', data)}b`;
const EMPTY_ARRAY = call(
  'numpy.core.multiarray',
  '_reconstruct',
  global('numpy', 'ndarray'),
  tuple(int(0)),
  encode('b'),
);
const objects = dtypeForm(text('O8'), { flags: int(63) });
const untyped = storage('0', 8, 'UntypedStorage').replace('ctorch\n', 'ctorch.storage\n');
const longs = tensor({ key: '1', type: 'LongStorage' });
const layout = call('torch.serialization', '_get_layout', text('torch.sparse_coo'));
const affine = tuple(global('torch', 'per_tensor_affine'), 'G?\xf0\0\0\0\0\0\0', int(0));

/** One value of each kind that an argument can be. Kinds differ where some proof tells them apart. */
const KINDS = {
  none: 'N',
  true: '\x88',
  zero: int(0),
  four: int(4),
  below: int(-4),
  huge: `\x8a\x08${u64(2n ** 50n)}`,
  float: 'G?\xf0\0\0\0\0\0\0',
  text: text('some text'),
  code: text('f8'),
  b: text('b'),
  latin1: text('latin1'),
  idna: text('idna'),
  strict: text('strict'),
  digits: text('123'),
  'many digits': text('9'.repeat(5000)),
  order: text('C'),
  'layout name': text('torch.sparse_coo'),
  'type name': text('CodeType'),
  bytes: encode('12345678'),
  list: ']',
  'list of 0': list(int(0)),
  'list of 1': list(int(1)),
  'list of 4': list(int(4)),
  'list of below': list(int(-4)),
  'list of text': list(text('a')),
  'list of program': list(global('some_pkg', 'Thing')),
  'list of pair': list(tuple(text('a'), int(1))),
  tuple: ')',
  'tuple of 0': tuple(int(0)),
  'tuple of 1': tuple(int(1)),
  'tuple of 4': tuple(int(4)),
  dict: '}',
  'dict of text': dict([text('a'), int(1)]),
  'dict of marks': dict([text('conj'), '\x89']),
  'dict of data': dict([text('data'), tensor()]),
  'dict of special': dict([text('__class__'), int(1)]),
  ordered,
  'ordered with hook': `${ordered}${int(0)}${global('builtins', 'list')}s`,
  storage: storage('0', 4),
  'quantised storage': storage('0', 4, 'QInt8Storage'),
  untyped,
  tensor: tensor(),
  f8,
  objects,
  array: array(f8, encode('12345678')),
  'array of objects': array(objects, list('N')),
  layout,
  'class list': global('builtins', 'list'),
  'class ndarray': global('numpy', 'ndarray'),
  'class MaskedArray': global('numpy.ma', 'MaskedArray'),
  'class Float64DType': global('numpy.dtypes', 'Float64DType'),
  'class ObjectDType': global('numpy.dtypes', 'ObjectDType'),
  'class Tensor': global('torch', 'Tensor'),
  'class known': global('ultralytics.nn.modules.head', 'Detect'),
  'type float16': global('torch', 'float16'),
  'rebuild function': global('torch._utils', '_rebuild_tensor_v2'),
  'rebuild arguments': tuple(storage('0', 4), int(0), tuple(int(4)), tuple(int(1)), '\x89', ordered),
  'sparse parts': tuple(longs, tensor(), tuple(int(4))),
  affine,
} as const;
type Kind = keyof typeof KINDS;
const ALL = Object.keys(KINDS) as Kind[];

/** A form: for each argument the kinds that it can have; one that may be left out, and all behind it, has `?`; the last one stands for any number of them where it has `…`. */
type Mark = '?' | '…';
type Form = readonly (readonly (Kind | Mark)[])[];

const FLAG: Form[number] = ['true', 'zero'];
const COUNT: Form[number] = ['zero', 'four'];
const NUMBER: Form[number] = ['zero', 'four', 'below', 'huge', 'float'];
const BYTES: Form[number] = [
  ...(['text', 'code', 'b', 'latin1', 'idna', 'strict', 'digits', 'order', 'layout name', 'type name'] as const),
  ...(['bytes', 'many digits'] as const),
];
const TEXTS = BYTES.filter((kind) => kind !== 'bytes');
const SCALAR: Form[number] = ['none', 'true', ...NUMBER, ...BYTES];
const SIZES: Form[number] = [
  ...(['list', 'list of 0', 'list of 1', 'list of 4', 'list of below'] as const),
  ...(['tuple', 'tuple of 0', 'tuple of 1', 'tuple of 4'] as const),
];
const LISTS: Form[number] = [
  ...SIZES,
  'list of text',
  'list of pair',
  'sparse parts',
  'rebuild arguments',
  'affine',
] as never;
const EMPTY: Form[number] = ['none', 'dict', 'ordered'];
const DICTS: Form[number] = ['dict', 'dict of text', 'dict of marks', 'dict of data', 'dict of special'];
const PAIRS: Form[number] = ['list', 'tuple', 'list of pair'];
const FACTORY: Form[number] = ['none', 'class list'];
const OFFSET: Form[number] = ['zero', 'four', 'below', 'huge'];
const either = (...forms: Form[]) => forms;

/** What each proof takes, written apart from the proofs: the name it is asked through, and the forms that may be clean. */
const SPECS: Readonly<Record<ProofName, readonly [name: string, forms: readonly Form[]]>> = {
  none: ['builtins.object', [[]]],
  plain: ['torch.torch_version.TorchVersion', [[['?', '…', ...SCALAR, ...LISTS]]]],
  data: ['torch.jit._pickle.restore_type_tag', []],
  bytes: [
    'builtins.bytes',
    either([], [[...COUNT, 'bytes', ...SIZES.filter((kind) => kind !== 'list of below')]], [TEXTS, ['latin1']]),
  ],
  number: [
    'builtins.int',
    either(
      [
        ['?', ...NUMBER, 'true'],
        ['?', ...NUMBER, 'true'],
      ],
      [BYTES.filter((kind) => kind !== 'many digits'), ['?', ...COUNT, 'below']],
    ),
  ],
  text: ['builtins.str', either([], [SCALAR], [BYTES, ['latin1'], ['?', 'strict']])],
  bounds: [
    'builtins.slice',
    either([
      ['none', 'true', ...NUMBER],
      ['?', 'none', 'true', ...NUMBER],
      ['?', 'none', 'true', ...NUMBER],
    ]),
  ],
  members: ['builtins.set', either([], [LISTS])],
  pairs: ['collections.OrderedDict', either([], [PAIRS])],
  'default-dict': [
    'collections.defaultdict',
    either([
      ['?', ...FACTORY],
      ['?', ...DICTS, ...PAIRS],
    ]),
  ],
  counter: ['collections.Counter', either([], [DICTS])],
  deque: [
    'collections.deque',
    [
      [
        ['?', ...LISTS, 'list of program'],
        ['?', 'none', 'huge', ...COUNT],
      ],
    ],
  ],
  encode: ['_codecs.encode', either([TEXTS, ['?', 'latin1']])],
  size: ['torch.Size', either([SIZES])],
  device: ['torch.device', either([TEXTS.filter((kind) => kind !== 'many digits'), ['?', 'none', ...COUNT]])],
  layout: ['torch.serialization._get_layout', either([['layout name']])],
  tensor: [
    'torch._utils._rebuild_tensor_v2',
    either([
      ['storage', 'quantised storage', 'untyped'],
      OFFSET,
      SIZES,
      SIZES,
      FLAG,
      EMPTY,
      ['?', 'none', 'dict', 'dict of marks'],
    ]),
  ],
  // Sizes too large are a matter of memory, unless one of them is zero.
  'tensor-class': ['torch.Tensor', [[SIZES], [['?', '…', ...COUNT, 'huge']]]],
  quantised: [
    'torch._utils._rebuild_qtensor',
    [[['quantised storage'], OFFSET, SIZES, SIZES, ['affine'], FLAG, EMPTY]],
  ],
  sparse: ['torch._utils._rebuild_sparse_tensor', [[['layout'], ['sparse parts']]]],
  nested: ['torch._utils._rebuild_nested_tensor', [[['tensor'], ['tensor'], ['tensor'], ['tensor']]]],
  'meta-tensor': ['torch._utils._rebuild_meta_tensor_no_storage', [[['type float16'], SIZES, SIZES, FLAG]]],
  'tensor-from-numpy': ['torch._utils._rebuild_device_tensor_from_numpy', [[['array'], ['type float16'], TEXTS, FLAG]]],
  parameter: [
    'torch._utils._rebuild_parameter_with_state',
    [[['tensor'], ['?', ...FLAG], ['?', ...EMPTY], ['?', 'none', 'dict', 'dict of text', 'dict of marks']]],
  ],
  'from-type': [
    'torch._tensor._rebuild_from_type_v2',
    [
      [
        ['rebuild function'],
        ['class Tensor'],
        ['rebuild arguments'],
        ['?', 'none', 'dict', 'dict of text', 'dict of marks'],
      ],
    ],
  ],
  'numpy-scalar': ['numpy.core.multiarray.scalar', [[['f8'], ['bytes', 'type name']]]],
  'numpy-array': ['numpy.core.multiarray._reconstruct', [[['class ndarray'], ['list of 0', 'tuple of 0'], ['b']]]],
  'numpy-masked': [
    'numpy.ma.core._mareconstruct',
    [[['class MaskedArray'], ['class ndarray'], ['list of 0', 'tuple of 0'], ['b']]],
  ],
  'numpy-buffer': [
    'numpy.core.numeric._frombuffer',
    [
      [
        ['bytes', 'type name'],
        ['f8'],
        ['list of 1', 'tuple of 1', 'list', 'tuple'],
        ['order'],
        ['?', 'none', 'list of 0', 'tuple of 0', 'list', 'tuple'],
      ],
    ],
  ],
  'numpy-dtype': [
    'numpy.dtype',
    [
      [
        ['code', 'b', 'class Float64DType', 'class ObjectDType'],
        ['?', ...FLAG],
        ['?', ...FLAG],
      ],
    ],
  ],
  'numpy-dtype-class': ['numpy.dtypes.Float64DType', [[]]],
  getattr: ['builtins.getattr', []],
  'type-of-none': ['builtins.type', []],
  reconstructor: ['copyreg._reconstructor', []],
  partial: ['functools.partial', []],
  'load-type': ['dill._dill._load_type', []],
};

function isKind(kind: Kind | Mark): kind is Kind {
  return kind !== '?' && kind !== '…';
}

function verdictOf(name: string, args: readonly Kind[]) {
  const dot = name.lastIndexOf('.');
  const body = call(name.slice(0, dot), name.slice(dot + 1), ...args.map((kind) => KINDS[kind]));
  return scan(bytesSource(latin1(`\x80\x02${body}.`))).verdict;
}

function matches(form: Form, args: readonly Kind[]): boolean {
  const least = form.findIndex((kinds) => kinds.includes('?'));
  const last = form.at(-1);
  const most = last?.includes('…') ? Number.POSITIVE_INFINITY : form.length;
  if (args.length > most || args.length < (least < 0 ? form.length : least)) return false;
  return args.every((kind, index) => (form[index] ?? last)?.includes(kind));
}

/** Arguments of a form with one of them replaced, left out or added, or any at all. */
function argumentsNear(forms: readonly Form[]): fc.Arbitrary<Kind[]> {
  const anyKind = fc.constantFrom(...ALL);
  const any = fc.array(anyKind, { maxLength: 5 });
  if (forms.length === 0) return any;
  const good = fc
    .constantFrom(...forms)
    .chain((form) => fc.tuple(...form.map((kinds) => fc.constantFrom(...kinds.filter(isKind)))));
  const near = fc.tuple(good, fc.nat(7), fc.nat(2), anyKind).map(([args, place, change, kind]) => {
    const copy = [...args] as Kind[];
    copy.splice(Math.min(place, copy.length), change === 2 ? 0 : 1, ...(change === 1 ? [] : [kind]));
    return copy;
  });
  return fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: any });
}

describe.each(Object.entries(SPECS))('the proof %s', (_, [name, forms]) => {
  // Those without a form are of names that are never clean.
  const testForm = forms.length === 0 ? () => undefined : it;
  testForm('takes the form it is written for', () => {
    const shown = forms.map((form) => form.map((kinds) => kinds.find(isKind) as Kind));
    // Of a form with several kinds an argument, the first of each fit together.
    expect(shown.map((args) => [args, verdictOf(name, args)])).toContainEqual([shown[0], 'clean']);
  });

  it('takes nothing else', () => {
    fc.assert(
      fc.property(argumentsNear(forms), (args) => {
        if (verdictOf(name, args) === 'clean')
          expect({ args, isForm: forms.some((form) => matches(form, args)) }).toEqual({ args, isForm: true });
      }),
      { numRuns: 150 },
    );
  });
});

/** A state by its parts, and for each place the kinds that may stand there as well. */
const STATES: readonly (readonly [
  what: string,
  make: (state: string) => string,
  parts: readonly string[],
  also: Readonly<Record<number, readonly Kind[]>>,
])[] = [
  [
    'the data type f8',
    (state) => dtypeForm(text('f8'), { state }),
    [int(3), text('<'), 'N', 'N', 'N', int(-1), int(-1), int(0)],
    { 2: ['none'], 3: ['none'], 4: ['none'], 7: ['zero'] },
  ],
  [
    'the data type O8',
    (state) => dtypeForm(text('O8'), { state }),
    [int(3), text('|'), 'N', 'N', 'N', int(-1), int(-1), int(63)],
    { 2: ['none'], 3: ['none'], 4: ['none'] },
  ],
  [
    'the data type U2',
    (state) => dtypeForm(text('U2'), { state }),
    [int(3), text('<'), 'N', 'N', 'N', int(8), int(4), int(8)],
    { 2: ['none'], 3: ['none'], 4: ['none'], 6: ['four'], 7: ['zero'] },
  ],
  [
    'a record',
    (state) => dtypeForm(text('V8'), { state }),
    [int(3), text('|'), 'N', tuple(text('x')), dict([text('x'), tuple(f8, int(0))]), int(8), int(1), int(16)],
    { 2: ['none'], 6: ['four'], 7: ['zero'] },
  ],
  [
    'a time',
    (state) => dtypeForm(text('M8'), { state }),
    [int(4), text('<'), 'N', 'N', 'N', int(-1), int(-1), int(0), tuple('N', tuple(text('s'), int(1), int(1), int(1)))],
    { 0: ['four'], 2: ['none'], 3: ['none'], 4: ['none'], 7: ['zero'] },
  ],
  [
    'an array',
    (state) => `${EMPTY_ARRAY}${state}b`,
    [int(1), tuple(int(1)), f8, '\x89', encode('12345678')],
    { 1: ['tuple of 1', 'tuple'], 2: ['f8'], 3: ['true', 'zero'], 4: ['bytes', 'type name'] },
  ],
  [
    'an array of objects',
    (state) => `${EMPTY_ARRAY}${state}b`,
    [int(1), tuple(int(1)), objects, '\x89', list('N')],
    {
      1: ['tuple of 1', 'tuple'],
      2: ['objects'],
      3: ['true', 'zero'],
      4: ['list of 0', 'list of 1', 'list of 4', 'list of below', 'list of text', 'list of pair'],
    },
  ],
];

describe.each(STATES)('the state of %s', (_, make, parts, also) => {
  const verdict = (changed: readonly string[]) =>
    scan(bytesSource(latin1(`\x80\x02${make(tuple(...changed))}.`))).verdict;

  it('is clean as it is written', () => {
    expect(verdict(parts)).toBe('clean');
  });

  it('is clean with no other kind of value at any place', () => {
    for (const place of parts.keys()) {
      const clean = ALL.filter((kind) => verdict(parts.with(place, KINDS[kind])) === 'clean');
      expect({ place, clean }).toEqual({ place, clean: ALL.filter((kind) => also[place]?.includes(kind)) });
    }
  });

  it('is not clean with a place more or less', () => {
    const changed = parts
      .map((_part, place) => parts.toSpliced(place, 1))
      .concat(ALL.map((kind) => [...parts, KINDS[kind]]));
    for (const state of changed) expect(verdict(state)).not.toBe('clean');
  });
});
