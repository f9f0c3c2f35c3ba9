import fc from 'fast-check';
import { call, global, int, latin1, short, text, tuple } from '../../fixtures/pickles.ts';

const NAMES = [
  ['os', 'system'],
  ['builtins', 'getattr'],
  ['collections', 'OrderedDict'],
  ['torch', 'FloatStorage'],
  ['torch._utils', '_rebuild_tensor_v2'],
  ['_codecs', 'encode'],
  ['numpy.core.multiarray', 'scalar'],
  ['some_pkg.evil', 'Obj'],
  ['pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint'],
  ['builtins', 'set'],
] as const;

const SCALARS = [
  'N',
  '\x88',
  '\x89',
  'I5\n',
  'I01\n',
  'L-7L\n',
  'F1.5\n',
  'K\x09',
  'M\x09\x01',
  int(-4),
  '\x8a\x02\x00\xff',
  '\x8b\x01\x00\x00\x00\x05',
  'G?\xf0\x00\x00\x00\x00\x00\x00',
  "S'a\\x41'\n",
  'Vab\\u00e9\n',
  'U\x02ab',
  'T\x01\x00\x00\x00a',
  'B\x01\x00\x00\x00a',
  'C\x02\x80\x02',
  text('é'),
  short('latin1'),
  '\x96\x01\x00\x00\x00\x00\x00\x00\x00x',
  '\x97',
  'Pid\n',
  ')',
  ']',
  '}',
  '\x8f',
];

const named = fc.constantFrom(...NAMES);
const imported = fc.oneof(
  named.map(([module, name]) => global(module, name)),
  named.map(([module, name]) => `${short(module)}${short(name)}\x93`),
  named.map(([module, name]) => `U${String.fromCharCode(module.length)}${module}S'${name}'\n\x93`),
  fc.constantFrom('\x82\x01', '\x83\x01\x01', '\x84\x01\x00\x00\x01'),
);

/** Opcodes that leave one more value on the stack, of every kind that there is. */
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const items = fc.array(tie('value'), { maxLength: 3 });
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...SCALARS),
      imported,
      items.map((parts) => tuple(...parts)),
      items.map((parts) => `](${parts.join('')}e`),
      items.map((parts) => `\x8f(${parts.join('')}\x90`),
      items.map((parts) => `(${parts.join('')}\x91`),
      items.map((parts) => `}(${parts.flatMap((part, index) => [text(`k${index}`), part]).join('')}u`),
      tie('value').map((part) => `${part}2\x86`),
      tie('value').map((part) => `${part}0N`),
      tie('value').map((part) => `(${part}1N`),
      fc
        .tuple(tie('value'), fc.integer({ min: 0, max: 3 }))
        .map(([part, slot]) => `${part}q${String.fromCharCode(slot)}`),
      tie('value').map((part) => `${part}\x94`),
      fc.tuple(tie('value'), fc.integer({ min: 0, max: 3 })).map(([part, slot]) => `${part}p${slot}\ng${slot}\n\x86`),
      fc.integer({ min: 0, max: 3 }).map((slot) => `h${String.fromCharCode(slot)}`),
      fc.tuple(imported, items).map(([callee, parts]) => `${callee}${tuple(...parts)}R`),
      fc.tuple(imported, items).map(([callee, parts]) => `${callee}${tuple(...parts)}\x81`),
      fc.tuple(imported, items).map(([callee, parts]) => `${callee}${tuple(...parts)}}\x92`),
      fc.tuple(imported, items).map(([callee, parts]) => `(${callee}${parts.join('')}o`),
      fc.tuple(named, items).map(([[module, name], parts]) => `(${parts.join('')}i${module}\n${name}\n`),
      fc.tuple(tie('value'), items).map(([callee, parts]) => `${callee}${tuple(...parts)}R`),
      fc.tuple(tie('value'), tie('value')).map(([target, state]) => `${target}${state}b`),
      fc.tuple(tie('value'), tie('value')).map(([target, item]) => `${target}${text('k')}${item}s`),
      tie('value').map(
        (id) => `${tuple(text('storage'), global('torch', 'HalfStorage'), text('0'), text('cpu'), int(3))}Q${id}\x86`,
      ),
      tie('value').map((id) => `${id}Q`),
      fc.constant(call('collections', 'OrderedDict')),
    ),
  };
}).value;

/** Pickles whose stack is always as high as it must be: every opcode, in every place where it fits. */
export const arbitraryPickle: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom('', '\x80\x02', '\x80\x04', '\x80\x05'), value)
  .map(([proto, body]) => latin1(`${proto}${body}.`));

/** One to three bytes of it changed, left out or put in. */
export function mutate(
  bytes: Uint8Array,
  changes: readonly (readonly [at: number, how: number, byte: number])[],
): Uint8Array {
  let changed = [...bytes];
  for (const [at, how, byte] of changes) {
    const place = at % Math.max(1, changed.length);
    if (how === 0) changed[place] = byte;
    else if (how === 1) changed.splice(place, 1);
    else if (how === 2) changed.splice(place, 0, byte);
    else changed = [...changed.slice(0, place), ...changed.slice(place, place + 8), ...changed.slice(place)];
  }
  return Uint8Array.from(changed);
}

export const changes = fc.array(
  fc.tuple(fc.nat(100_000), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 })),
  {
    minLength: 1,
    maxLength: 3,
  },
);
