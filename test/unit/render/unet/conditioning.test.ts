import { expect, test } from 'vitest';
import { sizeConditioning, timeFeatures } from '#lib/render/unet/index.ts';

test('begins with cosines, and its first frequency is one turn in 2π steps', () => {
  const features = timeFeatures(3, 4);
  const slow = 3 / 100;
  const expected = [Math.cos(3), Math.cos(slow), Math.sin(3), Math.sin(slow)];
  for (const [index, value] of expected.entries()) expect(features[index]).toBeCloseTo(value, 6);
});

test('puts the six sizes behind the pooled text, height before width', () => {
  const pooled = Float32Array.of(0.5, -0.25);
  const vector = sizeConditioning(pooled, {
    height: 768,
    width: 512,
    top: 8,
    left: 4,
    targetHeight: 640,
    targetWidth: 320,
  });
  expect(vector.length).toBe(2 + 6 * 256);
  expect([...vector.slice(0, 2)]).toEqual([0.5, -0.25]);
  for (const [index, size] of [768, 512, 8, 4, 640, 320].entries()) {
    expect([...vector.slice(2 + index * 256, 2 + (index + 1) * 256)]).toEqual([...timeFeatures(size, 256)]);
  }
});
