import { describe, expect, it } from 'vitest';
import { type SampleOptions, sample, TorchGenerator } from '#lib/render/sampling/index.ts';
import { type PredictionType, SAMPLERS, type Sampler } from '#lib/render/types.ts';
import { network, readGoldens, relativeDistance, unpack } from './goldens.ts';

interface SamplerGoldens {
  sampler: Sampler;
  seed: number;
  cases: {
    prediction: PredictionType;
    alphas: 'original' | 'zero-terminal' | 'own';
    steps: number;
    results: Partial<Record<Reference, string>>;
  }[];
}

/** k-diffusion's formulas in doubles; diffusers with our table and k-diffusion's sigmas; diffusers as it comes. */
type Reference = 'k-diffusion' | 'diffusers' | 'diffusers alone';

const LATENT = 4 * 8 * 8;
const own = unpack(readGoldens<{ own: string }>('schedules').own);
const goldens = ['euler', 'euler-a', 'dpmpp-2m', 'dpmpp-2m-karras', 'ddim', 'lcm'].map((name) =>
  readGoldens<SamplerGoldens>(name),
);

/**
 * With zero terminal SNR diffusers' Euler and Euler a take single-precision differences of latents of thousands, and its
 * DDIM and LCM alone begin at an alpha of 0 where everyone else begins at 5e-8.
 */
function tolerance(reference: Reference, sampler: Sampler, alphas: string): number {
  const isRougher = alphas === 'zero-terminal' && reference !== 'k-diffusion';
  return isRougher && (reference === 'diffusers alone' || sampler.startsWith('Euler')) ? 1e-3 : 5e-6;
}

function optionsFor(sampler: Sampler, seed: number, given: Partial<SampleOptions> = {}): SampleOptions {
  const generator = new TorchGenerator(seed);
  return {
    sampler,
    steps: 3,
    prediction: 'epsilon',
    latent: generator.randn(LATENT),
    noise: (count) => generator.randn(count),
    denoise: async (latent, timestep) => network(latent, timestep),
    ...given,
  };
}

describe.each(goldens)('$sampler', ({ sampler, seed, cases }) => {
  it.each(cases)('$prediction, $alphas table, $steps steps', async ({ prediction, alphas, steps, results }) => {
    const latent = await sample(
      optionsFor(sampler, seed, {
        steps,
        prediction,
        zeroTerminalSnr: alphas === 'zero-terminal',
        ...(alphas === 'own' && { alphasCumprod: own }),
      }),
    );
    const references = Object.entries(results) as [Reference, string][];
    expect(references.length).toBeGreaterThan(0);
    for (const [reference, packed] of references) {
      const limit = tolerance(reference, sampler, alphas);
      expect(relativeDistance(latent, unpack(packed)), reference).toBeLessThan(limit);
    }
  });

  it('calls the network once a step, in falling timesteps, and says so after each', async () => {
    const timesteps: number[] = [];
    const done: number[] = [];
    const denoise = async (latent: Float32Array, timestep: number) => {
      timesteps.push(timestep);
      expect(done).toHaveLength(timesteps.length - 1);
      return network(latent, timestep);
    };
    await sample(optionsFor(sampler, seed, { steps: 7, denoise, onStep: (step) => done.push(step) }));
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(timesteps).toHaveLength(7);
    expect(timesteps).toEqual(timesteps.toSorted((a, b) => b - a));
  });

  it('takes any number of steps up to 1000', async () => {
    for (const steps of [3, 51, 999, 1000]) {
      const latent = await sample(optionsFor(sampler, seed, { steps }));
      expect(latent.every(Number.isFinite), `${steps} steps`).toBe(true);
    }
  });

  it('leaves the noise it was given alone, and lets the network keep what it gets', async () => {
    const options = optionsFor(sampler, seed);
    const given = options.latent.slice();
    const kept: [Float32Array, Float32Array][] = [];
    options.denoise = async (latent, timestep) => {
      kept.push([latent, latent.slice()]);
      return network(latent, timestep);
    };
    await sample(options);
    expect(options.latent).toEqual(given);
    for (const [seen, copy] of kept) expect(seen).toEqual(copy);
  });

  it.each([0, -1, 2.5, 1001, Number.NaN])('refuses %d steps', async (steps) => {
    await expect(sample(optionsFor(sampler, seed, { steps }))).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('sampling', () => {
  it('has goldens of every sampler', () => {
    expect(goldens.map(({ sampler }) => sampler)).toEqual([...SAMPLERS]);
  });

  it('draws fresh noise with Euler a and LCM alone, and none with their last step', async () => {
    const draws = async (sampler: Sampler) => {
      let count = 0;
      const noise = (length: number) => {
        count += 1;
        return new Float32Array(length);
      };
      await sample(optionsFor(sampler, 1, { steps: 4, noise }));
      return count;
    };
    expect(await Promise.all(SAMPLERS.map(draws))).toEqual([0, 3, 0, 0, 0, 3]);
  });

  it('stops between two steps when it is told to', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const onStep = (step: number) => {
      done.push(step);
      if (step === 2) controller.abort(new Error('The page was closed.'));
    };
    const run = sample(optionsFor('Euler', 1, { steps: 5, onStep, signal: controller.signal }));
    await expect(run).rejects.toMatchObject({ code: 'cancelled', cause: new Error('The page was closed.') });
    expect(done).toEqual([1, 2]);
  });

  it('refuses output and noise of another length than the latent', async () => {
    const denoise = async (latent: Float32Array) => latent.slice(1);
    await expect(sample(optionsFor('Euler', 1, { denoise }))).rejects.toThrow(RangeError);
    const noise = (count: number) => new Float32Array(count + 1);
    await expect(sample(optionsFor('Euler a', 1, { noise }))).rejects.toThrow(RangeError);
  });

  it('lets a NaN of the network through, and an error', async () => {
    const latent = await sample(optionsFor('DDIM', 1, { denoise: async (x) => x.map(() => Number.NaN) }));
    expect(latent.every(Number.isNaN)).toBe(true);
    const lost = new Error('The device was lost.');
    await expect(sample(optionsFor('LCM', 1, { denoise: () => Promise.reject(lost) }))).rejects.toBe(lost);
  });
});
