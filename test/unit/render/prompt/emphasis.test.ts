import { expect, it } from 'vitest';
import { applyEmphasis } from '#lib/render/prompt/index.ts';

const mean = (values: Float32Array) => values.reduce((total, value) => total + value, 0) / values.length;

it('multiplies each position and brings the mean back', () => {
  // Means 2.5 before and (1 + 2 + 6 + 8) / 4 after.
  const states = applyEmphasis(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2));
  expect([...states]).toEqual([1, 2, 6, 8].map((value) => Math.fround(value * (10 / 17))));
});

it('keeps the mean of a whole chunk', () => {
  const states = Float32Array.from({ length: 77 * 32 }, (_, index) => Math.sin(index) + 0.1);
  const weights = Float32Array.from({ length: 77 }, (_, index) => (index % 5 === 2 ? 1.3 : 1));
  const weighed = applyEmphasis(states, weights);
  expect(mean(weighed)).toBeCloseTo(mean(states), 6);
  expect(weighed[2 * 32]! / weighed[0]! / (states[2 * 32]! / states[0]!)).toBeCloseTo(1.3, 5);
});

it('changes nothing where every weight is 1', () => {
  const states = Float32Array.of(0.1, -0.2, 0.3);
  expect(applyEmphasis(states, Float32Array.of(1, 1, 1))).toEqual(states);
  expect(applyEmphasis(states, Float32Array.of(1, 1, 1))).not.toBe(states);
});

it('leaves the mean where it cannot be brought back', () => {
  expect([...applyEmphasis(Float32Array.of(1, 2), Float32Array.of(0, 0))]).toEqual([0, 0]);
  expect([...applyEmphasis(Float32Array.of(1, 1), Float32Array.of(2, -2))]).toEqual([2, -2]);
});

it('refuses sizes that do not fit', () => {
  expect(() => applyEmphasis(new Float32Array(5), Float32Array.of(1, 2))).toThrow(RangeError);
});
