import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, EVIL2, int, latin1, stateDict, tensor, text, tuple } from '../fixtures/pickles.ts';
import { makeZip } from '../fixtures/zip.ts';
import { Loaders } from '../fuzz/loaders/ask-loaders.ts';
import { faultOf } from '../fuzz/loaders/compare.ts';

/** The loaders that the fuzzer asks; it limits their memory as only Linux does. */
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find(
    (name) =>
      process.platform === 'linux' &&
      spawnSync(name, ['-I', '-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0,
  );
if (python === undefined) console.info('No python3 with torch and NumPy here: the real loaders are left out.');

const HUGE = '\x8a\x06\0\0\0\0\0\x01';
/** The element type of a structure whose field stands far outside of it, and one element. */
const FIELD_OUTSIDE = (() => {
  const float = `${call('numpy', 'dtype', text('f8'), '\x89', '\x88')}${tuple(int(3), text('<'), 'NNN', int(-1), int(-1), int(0))}b`;
  const field = `}${text('a')}${tuple(float, int(1_000_000_000))}s`;
  const state = tuple(int(3), text('|'), 'N', tuple(text('a')), field, int(8), int(1), int(0));
  const type = `${call('numpy', 'dtype', text('V8'), '\x89', '\x88')}${state}b`;
  return `\x80\x02${call('numpy.core.multiarray', 'scalar', type, call('_codecs', 'encode', text('12345678'), text('latin1')))}.`;
})();

describe.skipIf(python === undefined)('the real loaders that the fuzzer asks', () => {
  let loaders: Loaders;
  beforeAll(async () => {
    loaders = new Loaders(python ?? '');
    await loaders.started();
  });
  afterAll(() => loaders.close());

  const faultsOf = async (content: string | Uint8Array) => {
    const bytes = typeof content === 'string' ? latin1(content) : content;
    const answer = await loaders.ask(bytes);
    return { fault: faultOf(bytes, answer), loaded: answer.loaded };
  };

  it.each<[string, string, RegExp]>([
    ['an import', EVIL2, /import os\.system/],
    ['an allocation', `\x80\x02${call('builtins', 'bytearray', HUGE)}.`, /memory load/],
    ['a crash on access', FIELD_OUTSIDE, /end SIG/],
    [
      'a replaced method',
      `\x80\x02ccollections\nOrderedDict\n)R}${text('items')}K\x01sb.`,
      /shadow OrderedDict\.items/,
    ],
  ])('tell of %s', async (_, content, expected) => {
    expect((await faultsOf(content)).fault).toMatch(expected);
  });

  it('go on behind a crash, and find nothing in a state dict', async () => {
    const state = makeZip([
      { name: 'archive/data.pkl', bytes: latin1(stateDict(['a', tensor()])) },
      { name: 'archive/version', bytes: latin1('3\n') },
      { name: 'archive/data/0', bytes: new Uint8Array(16).fill(0x3f) },
    ]);
    const answers = await Promise.all([FIELD_OUTSIDE, state, FIELD_OUTSIDE, state].map(faultsOf));
    expect(answers.map(({ fault }) => fault === null)).toEqual([false, true, false, true]);
    expect(answers[1]?.loaded).toContain('torch');
  });
});
