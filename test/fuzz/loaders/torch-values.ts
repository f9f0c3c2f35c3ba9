/** Tensors, storages and what else torch writes into a pickle. */
import { call, dict, global, int, text, tuple } from '../../fixtures/pickles.ts';
import {
  type Code,
  count,
  DTYPES,
  deeper,
  flag,
  type Maker,
  number,
  STORAGE_BYTES,
  slot,
  WILD_NUMBERS,
  word,
} from './maker.ts';
import { array } from './numpy-values.ts';

function storage(maker: Maker, kinds: readonly string[] = Object.keys(STORAGE_BYTES), elements = 8): Code {
  const { random, storages, wildness } = maker;
  const kind = random.chance(0.4) ? (kinds[0] ?? 'FloatStorage') : random.pick(kinds);
  const key = random.chance(0.6) ? String(storages.size) : random.pick(['0', '1', '7']);
  if (!storages.has(key)) storages.set(key, elements * (STORAGE_BYTES[kind] ?? 1));
  const claimed = random.chance(wildness)
    ? random.pick(WILD_NUMBERS)
    : random.chance(wildness)
      ? elements + random.below(9) - 4
      : elements;
  const place = kind === 'UntypedStorage' ? global('torch.storage', kind) : global('torch', kind);
  const id = tuple(
    slot(maker, () => word('storage', random)),
    slot(maker, () => place),
    slot(maker, () => word(key, random)),
    slot(maker, () => word(random.chance(wildness) ? random.pick(['meta', 'cuda:0', 'cpu:1', 'mps']) : 'cpu', random)),
    slot(maker, () => number(claimed, random)),
    ...(random.chance(0.05) ? ['N'] : []),
  );
  return `${id}Q`;
}

function layout({ random, wildness }: Maker): { shape: bigint[]; stride: bigint[]; offset: bigint; elements: number } {
  const shape = Array.from({ length: random.below(4) }, () => BigInt(random.below(4)));
  let step = 1n;
  const stride = shape
    .toReversed()
    .map((size) => {
      const now = step;
      step *= size > 0n ? size : 1n;
      return now;
    })
    .toReversed();
  const elements = Number(shape.reduce((product, size) => product * size, 1n));
  let offset = BigInt(random.chance(0.2) ? random.below(3) : 0);
  const isWild = () => random.chance(wildness * 2);
  for (const [axis] of shape.entries()) {
    if (isWild()) shape[axis] = random.pick(WILD_NUMBERS);
    if (isWild()) stride[axis] = random.pick(WILD_NUMBERS);
  }
  if (isWild()) offset = random.pick(WILD_NUMBERS);
  if (isWild()) shape.push(random.pick(WILD_NUMBERS));
  return { shape, stride, offset, elements: elements + Number(offset > 4n ? 0n : offset < 0n ? 0n : offset) };
}

const numbers = (values: readonly bigint[], maker: Maker) =>
  slot(maker, () => tuple(...values.map((value) => slot(maker, () => number(value, maker.random)))));

function hooks(maker: Maker): Code {
  return slot(maker, () => (maker.random.chance(0.8) ? call('collections', 'OrderedDict') : 'N'));
}

function denseTensor(maker: Maker, kinds?: readonly string[]): Code {
  const { random } = maker;
  const { shape, stride, offset, elements } = layout(maker);
  const data = slot(maker, () => storage(maker, kinds, elements));
  const parts = [data, number(offset, random), numbers(shape, maker), numbers(stride, maker)];
  if (random.chance(0.1)) return call('torch._utils', '_rebuild_tensor', ...parts);
  parts.push(flag(random), hooks(maker));
  if (random.chance(0.1))
    return call('torch._utils', '_rebuild_tensor_v3', ...parts, global('torch', pickDtype(maker)));
  if (random.chance(0.05)) parts.push(dict([text('a'), 'N']));
  return call('torch._utils', '_rebuild_tensor_v2', ...parts);
}

const pickDtype = ({ random }: Maker) => random.pick(DTYPES);
const INDICES = ['LongStorage', 'IntStorage'];

function indices(maker: Maker): Code {
  const { random } = maker;
  const kind = random.chance(0.9) ? 'LongStorage' : 'IntStorage';
  const rows = 1 + random.below(2);
  const columns = random.below(4);
  return call(
    'torch._utils',
    '_rebuild_tensor_v2',
    storage(maker, [kind], rows * columns),
    int(0),
    numbers([BigInt(rows), BigInt(columns)], maker),
    numbers([BigInt(columns), 1n], maker),
    '\x89',
    hooks(maker),
  );
}

function sparse(maker: Maker): Code {
  const { random } = maker;
  const size = call('torch', 'Size', tuple(count(maker), count(maker)));
  const flat = (kinds: readonly string[]) => {
    const length = 1 + random.below(4);
    const tensor = tuple(number(length, random));
    const code = call(
      'torch._utils',
      '_rebuild_tensor_v2',
      storage(maker, kinds, length),
      int(0),
      slot(maker, () => tensor),
      tuple(int(1)),
      '\x89',
      hooks(maker),
    );
    return slot(maker, () => code);
  };
  const kind = random.pick(['sparse_coo', 'sparse_csr', 'sparse_csc', 'sparse_bsr', 'strided']);
  const parts =
    kind === 'sparse_coo'
      ? [indices(maker), flat(['FloatStorage'])]
      : [flat(INDICES), flat(INDICES), flat(['FloatStorage'])];
  if (random.chance(0.9)) parts.push(size);
  if (kind === 'sparse_coo' && random.chance(0.5)) parts.push(flag(random));
  const named = random.chance(0.5)
    ? global('torch', kind)
    : call('torch.serialization', '_get_layout', text(`torch.${kind}`));
  return call(
    'torch._utils',
    '_rebuild_sparse_tensor',
    slot(maker, () => named),
    slot(maker, () => tuple(...parts)),
  );
}

function quantised(maker: Maker): Code {
  const { random } = maker;
  const { shape, stride, offset, elements } = layout(maker);
  const perTensor = tuple(global('torch', 'per_tensor_affine'), `G?\xf0\0\0\0\0\0\0`, count(maker));
  const perChannel = tuple(
    global('torch', 'per_channel_affine'),
    slot(maker, () => denseTensor(deeper(maker), ['DoubleStorage'])),
    slot(maker, () => denseTensor(deeper(maker), ['LongStorage'])),
    count(maker),
  );
  return call(
    'torch._utils',
    '_rebuild_qtensor',
    slot(maker, () => storage(maker, ['QInt8Storage', 'QUInt8Storage', 'QInt32Storage', 'QUInt4x2Storage'], elements)),
    number(offset, random),
    numbers(shape, maker),
    numbers(stride, maker),
    slot(maker, () => (random.chance(0.6) ? perTensor : perChannel)),
    flag(random),
    hooks(maker),
  );
}

function parameter(maker: Maker): Code {
  const { random } = maker;
  const data = slot(maker, () => denseTensor(deeper(maker)));
  if (random.chance(0.5)) return call('torch._utils', '_rebuild_parameter', data, flag(random), hooks(maker));
  if (random.chance(0.3)) return call('torch.nn.parameter', 'Parameter', data);
  return call('torch._utils', '_rebuild_parameter_with_state', data, flag(random), hooks(maker), maker.state(maker));
}

function fromType(maker: Maker): Code {
  const { random } = maker;
  const inner = denseTensor(deeper(maker));
  const [, module = '', name = '', args = ''] = /^c([^\n]*)\n([^\n]*)\n([\s\S]*)R$/.exec(inner) ?? [];
  return call(
    'torch._tensor',
    '_rebuild_from_type_v2',
    slot(maker, () => global(module, name)),
    slot(maker, () => random.pick([global('torch', 'Tensor'), global('torch.nn.parameter', 'Parameter')])),
    slot(maker, () => args),
    random.chance(0.5) ? '}' : maker.state(maker),
  );
}

function nested(maker: Maker): Code {
  const longs = () => denseTensor(deeper(maker), ['LongStorage']);
  return call('torch._utils', '_rebuild_nested_tensor', denseTensor(deeper(maker)), longs(), longs(), longs());
}

export const TENSORS: readonly ((maker: Maker) => Code)[] = [
  (maker) => denseTensor(maker),
  (maker) => denseTensor(maker),
  sparse,
  sparse,
  quantised,
  quantised,
  parameter,
  parameter,
  fromType,
  nested,
  (maker) => storage(maker),
  (maker) => {
    const { shape, stride } = layout(maker);
    const parts = [
      global('torch', pickDtype(maker)),
      numbers(shape, maker),
      numbers(stride, maker),
      flag(maker.random),
    ];
    return call('torch._utils', '_rebuild_meta_tensor_no_storage', ...parts);
  },
  (maker) =>
    call(
      'torch._utils',
      '_rebuild_device_tensor_from_numpy',
      slot(maker, () => array(deeper(maker))),
      global('torch', pickDtype(maker)),
      word(maker.random.pick(['cpu', 'meta']), maker.random),
      flag(maker.random),
    ),
  (maker) =>
    call(
      'torch',
      'Size',
      slot(maker, () => tuple(count(maker), count(maker))),
    ),
  (maker) => call('torch', 'Tensor', ...Array.from({ length: maker.random.below(3) }, () => count(maker))),
  (maker) => call('torch', 'device', word(maker.random.pick(['cpu', 'cuda:0', 'meta', 'x']), maker.random)),
  (maker) => call('torch', maker.random.pick(Object.keys(STORAGE_BYTES)), count(maker)),
  (maker) =>
    call('torch.storage', maker.random.pick(['UntypedStorage', 'TypedStorage', '_UntypedStorage']), count(maker)),
];
