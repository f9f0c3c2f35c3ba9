import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '#lib/render/sampling/index.ts';
import { distance, readGoldens, unpack } from './goldens.ts';

interface NoiseGoldens {
  /** Of every call all numbers or every 97th are kept, and the last 16 besides. */
  cases: { seed: number; counts: number[]; strides: number[]; values: string[] }[];
}

const { cases } = readGoldens<NoiseGoldens>('noise');

describe("noise of PyTorch's CPU generator", () => {
  it.each(cases)('seed $seed, calls of $counts numbers', ({ seed, counts, strides, values }) => {
    const generator = new TorchGenerator(seed);
    for (const [call, count] of counts.entries()) {
      const drawn = generator.randn(count);
      const stride = strides[call] ?? 1;
      const kept = Float32Array.from([...drawn.filter((_, i) => i % stride === 0), ...drawn.slice(-16)]);
      expect(distance(kept, unpack(values[call] ?? ''))).toBeLessThan(1e-6);
    }
  });

  it('has the seeds that PyTorch is asked for, and many calls on one generator', () => {
    expect(new Set(cases.map(({ seed }) => seed))).toEqual(
      new Set([0, 1, 42, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 7, 2 ** 53 - 1]),
    );
    expect(cases.some(({ counts }) => counts.length > 5)).toBe(true);
  });

  it('takes the low 32 bits of a seed', () => {
    expect(new TorchGenerator(2 ** 32 + 7).randn(100)).toEqual(new TorchGenerator(7).randn(100));
    expect(new TorchGenerator(7).randn(100)).not.toEqual(new TorchGenerator(8).randn(100));
  });

  it('gives nothing for nothing and changes nothing by it', () => {
    const generator = new TorchGenerator(5);
    expect(generator.randn(0)).toHaveLength(0);
    expect(generator.randn(20)).toEqual(new TorchGenerator(5).randn(20));
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('refuses the seed %d', (seed) => {
    expect(() => new TorchGenerator(seed)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
