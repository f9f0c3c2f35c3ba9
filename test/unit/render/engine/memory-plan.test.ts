import { describe, expect, it } from 'vitest';
import { targetOf } from '#lib/render/engine/choose-provider.ts';
import { type NetworkSizes, planMemory } from '#lib/render/engine/memory-plan.ts';
import type { Weight } from '#lib/render/weights/index.ts';

const GIB = 1024 ** 3;
const weightsOf = (millions: number): Weight[] => [
  {
    name: 'all',
    file: { path: '/model.safetensors', tensors: new Map(), metadata: new Map() },
    dtype: 'F16',
    shape: [millions, 1e6],
    offset: 0,
    length: millions * 2e6,
  },
];
/** The published sizes, in half precision. */
const SD1: NetworkSizes = { text: weightsOf(123), unet: weightsOf(860), vae: weightsOf(84) };
const plan = (limit: number, side = 512) =>
  planMemory(SD1, { provider: 'cpu', target: targetOf('cpu', 'fp32'), pixels: side * side, limit });

describe('how SD 1.x fits into memory', () => {
  it.each([
    [8, { fitTogether: true, weights: 'widened' }],
    [4.6, { fitTogether: false, weights: 'widened' }],
    [3, { fitTogether: false, weights: 'stored' }],
  ])('in %d GiB', (gigabytes, expected) => {
    expect(plan(gigabytes * GIB)).toEqual(expected);
  });

  it('and SDXL, whose weights stay as they are stored wherever it is drawn', () => {
    const sizes = { text: weightsOf(817), unet: weightsOf(2567), vae: weightsOf(84) };
    const options = { provider: 'cpu', target: targetOf('cpu', 'fp32'), pixels: 512 * 512 } as const;
    expect(planMemory(sizes, { ...options, limit: 7 * GIB })).toEqual({ fitTogether: false, weights: 'stored' });
    expect(planMemory(sizes, { ...options, limit: 11 * GIB })).toEqual({ fitTogether: true, weights: 'stored' });
  });

  it('is refused below that, with what it would take', () => {
    expect(() => plan(2 * GIB)).toThrow(/needs about 2\.\d GB of memory, but the limit is 2\.0 GB/);
  });

  it('takes more for larger pictures', () => {
    expect(plan(4.6 * GIB, 256)).toEqual({ fitTogether: false, weights: 'widened' });
    expect(() => plan(4.6 * GIB, 1024)).toThrow(/but the limit is/);
  });

  it('is left to the driver on a GPU', () => {
    const onGpu = planMemory(SD1, { provider: 'webgpu', target: targetOf('webgpu', 'fp16'), pixels: 1e6, limit: GIB });
    expect(onGpu).toEqual({ fitTogether: true, weights: 'widened' });
  });
});
