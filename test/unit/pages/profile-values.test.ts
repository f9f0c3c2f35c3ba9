import { expect, it } from 'vitest';
import { parseNumbers, writeNumbers } from '#app/admin/previews/number-list.ts';
import { type ProfileValues, readValues, toValues } from '#app/admin/previews/profile-values.ts';
import type { ProfileView } from '#lib/previews/client.ts';

const PROFILE: ProfileView = {
  id: 'sd1',
  name: 'SD 1.x',
  version: 3,
  edited: true,
  updatedAt: '2026-11-28T10:00:00.000Z',
  width: 512,
  height: 768,
  steps: 25,
  sampler: 'DPM++ 2M Karras',
  cfgScale: 7,
  clipSkip: 1,
  prompts: [{ subject: 'Portrait', text: 'a woman in a park' }],
  negativePrompt: '',
  seeds: [1, 2, 3],
  adapterSeeds: [1],
  loraWeights: [0, 0.5, -1],
  cpu: { width: 256, height: 256, steps: 20, seeds: [1], adapterSeeds: [1] },
};
const errorsOf = (change: Partial<ProfileValues>) => readValues({ ...toValues(PROFILE), ...change }).errors;

it('reads back what it shows, and nothing besides', () => {
  const { id: _, name: __, version: ___, edited: ____, updatedAt: _____, ...form } = PROFILE;
  expect(readValues(toValues(PROFILE))).toEqual({ form, errors: null });
});

it('takes numbers however they are set apart', () => {
  expect(parseNumbers(' 0, 0.5;1\n-2 ')).toEqual([0, 0.5, 1, -2]);
  expect(parseNumbers('1, two')).toBeNull();
  expect(parseNumbers('')).toEqual([]);
  expect(writeNumbers([0, 0.5, 1])).toBe('0, 0.5, 1');
});

it('says at the field what is wrong with it', () => {
  expect(errorsOf({ width: 513 })).toEqual({ width: 'Enter a multiple of 8 pixels.' });
  expect(errorsOf({ steps: 0 })).toEqual({ steps: 'Enter 1 or more.' });
  expect(errorsOf({ steps: 1000, cfgScale: 0 })).toEqual({ steps: 'Enter 150 or less.', cfgScale: 'Enter 1 or more.' });
  expect(errorsOf({ seeds: '' })).toEqual({ seeds: 'Enter at least one number.' });
  expect(errorsOf({ seeds: '1, 2, 3, 4, 5, 6, 7, 8, 9' })).toEqual({ seeds: 'Use 8 values or fewer.' });
  expect(errorsOf({ seeds: '1, x' })).toEqual({ seeds: 'Enter numbers separated by commas.' });
  expect(errorsOf({ seeds: '1, 1.5' })?.seeds).toMatch(/^Enter a number/);
  expect(Object.keys(errorsOf({ loraWeights: '0, 9' }) ?? {})).toEqual(['loraWeights']);
  expect(
    Object.keys(
      errorsOf({
        prompts: [
          { subject: 'A', text: 'b' },
          { subject: '', text: '' },
        ],
      }) ?? {},
    ),
  ).toEqual(['prompts.1.subject', 'prompts.1.text']);
  expect(Object.keys(errorsOf({ cpu: { ...toValues(PROFILE).cpu, height: 0, seeds: '' } }) ?? {}).sort()).toEqual([
    'cpu.height',
    'cpu.seeds',
  ]);
});
