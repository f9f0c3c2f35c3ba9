import { describe, expect, it } from 'vitest';
import { CONTROL_ROWS, type ControlRow, type KeyMark } from '#scanner/identify/control-rows.ts';
import { identify } from '#scanner/identify/index.ts';
import type { KeyRow, KeyTest } from '#scanner/identify/key-index.ts';
import { ENCODER_ROWS } from '#scanner/identify/text-encoder.ts';
import { TRANSFORMER_ROWS } from '#scanner/identify/transformer-rows.ts';
import { UPSCALER_ROWS } from '#scanner/identify/upscaler.ts';
import { VAE_ROWS } from '#scanner/identify/vae.ts';
import { BACKBONES } from '../../fixtures/identify/backbones.ts';
import type { IdentifyCase } from '../../fixtures/identify/case.ts';
import { CONTROLS } from '../../fixtures/identify/controls.ts';
import { UPSCALERS, VAES } from '../../fixtures/identify/vaes.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

const TABLES: readonly (readonly [type: string, cases: readonly IdentifyCase[]])[] = [
  ['diffusion-model', BACKBONES],
  ['controlnet', CONTROLS],
  ['vae', VAES],
  ['upscaler', UPSCALERS],
];

describe.each(TABLES)('%s', (type, cases) => {
  it.each(cases)('%s', (_what, shapes, expected) => {
    const identity = identify(tensorTable(shapes));
    expect(identity).toMatchObject({ type, ...expected });
    expect(identity.evidence.length).toBeGreaterThan(0);
  });
});

describe('VAEs that several bases share', () => {
  it('say which, and stay open', () => {
    const { problems, confidence } = identify(tensorTable({ 'decoder.middle.0.residual.0.gamma': [1] }));
    expect(problems).toEqual([expect.stringMatching(/^VAEs of Wan 2\.1 and Qwen-Image have the same shapes/)]);
    expect(confidence).toBe('medium');
  });
});

describe('every row of the tables has a case', () => {
  const fits = ({ all, none = [] }: KeyRow, shapes: Shapes) =>
    all.every((test) => holds(test, shapes)) && !none.some((name) => name in shapes);
  const strip = (shapes: Shapes): Shapes =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name.replace(/^(?:net|model)\.(?!0\.|1\.sub)/, ''), shape]),
    );

  it.each([
    ['backbones', TRANSFORMER_ROWS, BACKBONES],
    ['VAEs', VAE_ROWS, VAES],
    ['upscalers', UPSCALER_ROWS, UPSCALERS],
  ] as const)('%s', (_what, rows: readonly KeyRow[], cases: readonly IdentifyCase[]) => {
    const first = cases.map(([, shapes]) => rows.find((row) => fits(row, shapes) || fits(row, strip(shapes))));
    expect(rows.filter((row) => !first.includes(row))).toEqual([]);
  });

  it('control networks', () => {
    const first = CONTROLS.map(([, shapes]) => CONTROL_ROWS.find((row) => fitsControl(row, shapes)));
    expect(CONTROL_ROWS.filter((row) => !first.includes(row))).toEqual([]);
  });

  it('encoders', () => {
    for (const { name, key, size = 7, axis = -1, also = [], vision } of ENCODER_ROWS) {
      const shape = axis === 0 ? [size, 9] : [9, size];
      const shapes: Shapes = { [key]: shape, ...Object.fromEntries(also.map((other) => [other, [9]])) };
      const expected = { type: vision ? 'image-encoder' : 'text-encoder', components: [name] };
      expect(identify(tensorTable(shapes)), key).toMatchObject(expected);
    }
  });
});

function holds(test: KeyTest, shapes: Shapes): boolean {
  if (typeof test === 'string') return test in shapes;
  if (test instanceof RegExp) return Object.keys(shapes).some((name) => test.test(name));
  return shapes[test[0]]?.at(test[1]) === test[2];
}

function fitsControl({ marks, none = [], sides = [] }: ControlRow, shapes: Shapes): boolean {
  const find = (mark: KeyMark) =>
    Object.keys(shapes).find((name) => (typeof mark === 'string' ? name === mark : mark.test(name)));
  return (
    marks.every((mark) => find(mark) !== undefined) &&
    sides.every(([mark, axis, size]) => shapes[find(mark) ?? '']?.at(axis) === size) &&
    none.every((mark) => find(mark) === undefined)
  );
}
