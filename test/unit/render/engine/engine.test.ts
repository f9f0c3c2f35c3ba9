import { expect, it } from 'vitest';
import { type ChosenDevice, targetOf } from '#lib/render/engine/choose-provider.ts';
import { Engine } from '#lib/render/engine/engine.ts';
import { ENGINE_DEFAULTS, type Provider } from '#lib/render/index.ts';

it('chooses its device once, and again when the one it had has failed', async () => {
  const engine = new Engine();
  const asked: Provider[] = [];
  const choose = (provider: Provider) => async (): Promise<ChosenDevice> => {
    asked.push(provider);
    return { provider, threads: null, target: targetOf(provider, 'fp32'), name: provider, rejected: [] };
  };
  await engine.use(ENGINE_DEFAULTS, new Map(), choose('webgpu'));
  await engine.use(ENGINE_DEFAULTS, new Map(), choose('cpu'));
  expect([engine.provider, ...asked]).toEqual(['webgpu', 'webgpu']);
  await engine.use(ENGINE_DEFAULTS, new Map([['webgpu', 'The GPU went away']]), choose('cpu'));
  expect([engine.provider, ...asked]).toEqual(['cpu', 'webgpu', 'cpu']);
});
