import { describe, expect, it } from 'vitest';
import { combineGuidance, TorchGenerator } from '#lib/render/sampling/index.ts';
import { readGoldens, relativeDistance, unpack } from './goldens.ts';

interface GuidanceGoldens {
  seed: number;
  cases: { scale: number; rescale: number; result: string }[];
}

const { seed, cases } = readGoldens<GuidanceGoldens>('guidance');

describe('classifier-free guidance', () => {
  it.each(cases)("is diffusers' at scale $scale, rescaled by $rescale", ({ scale, rescale, result }) => {
    const generator = new TorchGenerator(seed);
    const [uncond, cond] = [generator.randn(256), generator.randn(256)];
    expect(relativeDistance(combineGuidance(uncond, cond, scale, rescale), unpack(result))).toBeLessThan(1e-6);
  });

  it('is the output with the prompt alone at scale 1 and without it at 0', () => {
    const [uncond, cond] = [Float32Array.of(1, -2, 3), Float32Array.of(0.25, 7, -1)];
    expect(combineGuidance(uncond, cond, 1)).toEqual(cond);
    expect(combineGuidance(uncond, cond, 0)).toEqual(uncond);
  });

  it('has nothing to rescale in an output that is the same everywhere', () => {
    const flat = new Float32Array(4).fill(2);
    expect(combineGuidance(flat, flat, 7, 0.7)).toEqual(flat);
  });

  it('refuses outputs of different lengths', () => {
    expect(() => combineGuidance(new Float32Array(3), new Float32Array(4), 7)).toThrow(RangeError);
  });
});
