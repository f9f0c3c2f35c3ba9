import { describe, expect, it } from 'vitest';
import {
  makeAlphasCumprod,
  NoiseSchedule,
  rescaleZeroTerminalSnr,
  type SampleOptions,
  sample,
} from '#lib/render/sampling/index.ts';
import type { Sampler } from '#lib/render/types.ts';
import { distance, network, readGoldens, relativeDistance, unpack } from './goldens.ts';

interface ScheduleGoldens {
  original: string;
  diffusers: string;
  zeroTerminal: string;
  diffusersZeroTerminal: string;
  own: string;
  /** What k-diffusion's formulas make of a table. */
  spaced: {
    alphas: 'original' | 'zero-terminal' | 'own';
    karras: boolean;
    steps: number;
    sigmas: string;
    timesteps: string;
  }[];
  /** diffusers' own, as it comes. */
  whole: { sampler: Sampler; zeroTerminalSnr: boolean; steps: number; timesteps: number[] }[];
}

const goldens = readGoldens<ScheduleGoldens>('schedules');
const own = unpack(goldens.own);

/** The timesteps that the network is called with. */
async function timestepsOf(options: Pick<SampleOptions, 'sampler' | 'steps'> & Partial<SampleOptions>) {
  const timesteps: number[] = [];
  const denoise = async (latent: Float32Array, timestep: number) => {
    timesteps.push(timestep);
    return network(latent, timestep);
  };
  await sample({
    prediction: 'v',
    latent: new Float32Array(8),
    noise: (count) => new Float32Array(count),
    denoise,
    ...options,
  });
  return timesteps;
}

describe('the noise schedule', () => {
  it("is Stable Diffusion's, to the bit, and diffusers' but for its single precision", () => {
    expect(makeAlphasCumprod()).toEqual(unpack(goldens.original));
    expect(relativeDistance(makeAlphasCumprod(), unpack(goldens.diffusers))).toBeLessThan(1e-6);
  });

  it('is rescaled to end in noise alone, as Lin et al. say', () => {
    const rescaled = rescaleZeroTerminalSnr(makeAlphasCumprod());
    expect(rescaled.at(-1)).toBe(0);
    expect(rescaled[0]).toBeCloseTo(makeAlphasCumprod()[0] ?? 0, 6);
    expect(
      distance(rescaleZeroTerminalSnr(unpack(goldens.diffusers)), unpack(goldens.diffusersZeroTerminal)),
    ).toBeLessThan(1e-6);
    expect(rescaleZeroTerminalSnr(rescaled)).toEqual(rescaled);
  });

  it('has a largest sigma even then', () => {
    const { alphas, sigmas } = new NoiseSchedule({ zeroTerminalSnr: true });
    expect(distance(alphas, unpack(goldens.zeroTerminal))).toBeLessThan(1e-6);
    expect(sigmas.at(-1)).toBeCloseTo(4518.76, 1);
    expect(new NoiseSchedule().sigmas.at(-1)).toBeCloseTo(14.6146, 4);
  });

  it('finds a timestep for every sigma and the other way round', () => {
    const schedule = new NoiseSchedule();
    for (const timestep of [0, 0.25, 1, 333, 499.5, 998.75, 999]) {
      expect(schedule.timestep(schedule.sigma(timestep))).toBeCloseTo(timestep, 2);
    }
    expect(schedule.timestep(1e-5)).toBe(0);
    expect(schedule.timestep(1e5)).toBe(999);
    expect(() => schedule.sigma(1000)).toThrow(RangeError);
  });

  it.each(goldens.spaced)('$alphas table, karras $karras, $steps steps', async (golden) => {
    const options = {
      zeroTerminalSnr: golden.alphas === 'zero-terminal',
      ...(golden.alphas === 'own' && { alphasCumprod: own }),
    };
    const sampler = golden.karras ? 'DPM++ 2M Karras' : 'DPM++ 2M';
    const timesteps = await timestepsOf({ ...options, sampler, steps: golden.steps });
    expect(distance(Float32Array.from(timesteps), unpack(golden.timesteps))).toBeLessThan(1e-3);
    const schedule = new NoiseSchedule(options);
    const sigmas = Float32Array.from([...timesteps.map((timestep) => schedule.sigma(timestep)), 0]);
    const expected = unpack(golden.sigmas);
    const ratios = sigmas.map((sigma, i) => (expected[i] === 0 && sigma === 0 ? 1 : sigma / (expected[i] ?? 0)));
    expect(distance(ratios, new Float32Array(golden.steps + 1).fill(1))).toBeLessThan(3e-5);
  });

  it.each(goldens.whole)('$sampler, $steps steps, zero terminal SNR $zeroTerminalSnr', async (golden) => {
    const { timesteps, ...options } = golden;
    expect(await timestepsOf(options)).toEqual(timesteps);
  });

  it.each([
    ['too short', new Float32Array(999).map((_, t) => 1 - (t + 1) / 1001)],
    ['rising', makeAlphasCumprod().reverse()],
    ['not numbers', new Float32Array(1000).fill(Number.NaN)],
    ['without noise at first', makeAlphasCumprod().map((alpha, t) => (t === 0 ? 1 : alpha))],
  ])('refuses a table that is %s', (_, alphasCumprod) => {
    expect(() => new NoiseSchedule({ alphasCumprod })).toThrow(expect.objectContaining({ code: 'load_mismatch' }));
  });
});
