import { describe, expect, it } from 'vitest';
import { BASES } from '#lib/catalog/client.ts';
import { PROFILE_FORM } from '#lib/previews/client.ts';
import { bestTile } from '#lib/previews/pictures/cover.ts';
import { listProfileIds } from '#lib/previews/plan/choose-profile.ts';
import { planTiles } from '#lib/previews/plan/plan-tiles.ts';
import { SEEDED_PROFILES } from '#lib/previews/settings/profile-table.ts';
import { SAMPLERS } from '#lib/render/index.ts';
import { makeSubject, PROFILE, REFERENCE } from './make-plan.ts';

const ids = SEEDED_PROFILES.map(({ id }) => id);
const chosen = (subject: Parameters<typeof makeSubject>[0]) =>
  listProfileIds(makeSubject(subject)).find((id) => ids.includes(id));

it.each(SEEDED_PROFILES)('holds to its own form: $id', ({ data }) => {
  expect(PROFILE_FORM.parse(data)).toEqual(data);
});

it('offers every sampler of the engine, and no other', () => {
  expect([...PROFILE_FORM.shape.sampler.options]).toEqual([...SAMPLERS]);
});

it.each([
  [{}, 'sd1'],
  [{ base: 'sd2' }, 'sd2'],
  [{ base: 'sdxl' }, 'sdxl'],
  [{ base: 'sdxl', family: 'pony' }, 'sdxl-pony'],
  [{ base: 'sdxl', family: 'noobai' }, 'sdxl-illustrious'],
  [{ base: 'sdxl', family: 'never heard of' }, 'sdxl'],
  [{ base: 'sdxl', name: 'dreamshaperXL_turboDPMSDE' }, 'sdxl-turbo'],
  [{ base: 'sdxl', name: 'realvisxlV40_v40Lightning' }, 'sdxl-lightning'],
  [{ base: 'sdxl', type: 'lora', name: 'lightning_strikes' }, 'sdxl'],
  [{ base: 'sdxl', type: 'lora', name: 'sdxl_lightning_8step_lora' }, 'sdxl-lightning'],
  [{ base: 'sd1', type: 'lora', name: 'lcm-lora-sdv1-5' }, 'sd1-lcm'],
  [{ base: 'sd1', type: 'lora', name: 'Hyper-SD15-8steps-lora' }, 'sd1-lightning'],
  [{ base: 'sd1', name: 'HyperRealism' }, 'sd1'],
  [{ base: 'sd1', name: 'turbocharged' }, 'sd1'],
  [{ base: 'sdxl', name: 'sd_xl_turbo_1.0_fp16' }, 'sdxl-turbo'],
  [{ base: 'sdxl', name: 'Juggernaut-Lightning' }, 'sdxl-lightning'],
  [{ base: 'sdxl', name: 'pony-lightning', family: 'pony' }, 'sdxl-lightning'],
  [{ base: 'sd1', name: 'LCM_Dreamshaper_v7' }, 'sd1-lcm'],
  [{ base: 'sd1', name: 'hyperrealism' }, 'sd1'],
  [{ base: 'flux1', variant: 'schnell' }, 'flux1-schnell'],
  [{ base: 'flux1', variant: 'dev' }, 'flux1'],
  [{ base: 'qwen-image' }, 'modern'],
])('draws %j by the profile %s', (subject, id) => {
  expect(chosen(subject)).toBe(id);
});

it('has a profile for every base model', () => {
  for (const { id } of BASES) expect(chosen({ base: id })).toBeDefined();
});

describe('refuses profiles that nothing could draw', () => {
  it.each([
    { width: 500 },
    { width: 8192 },
    { steps: 0 },
    { sampler: 'Restart' },
    { prompts: [] },
    { seeds: [] },
    { seeds: [-1] },
    { seeds: [2 ** 53] },
    { loraWeights: [99] },
    { cfgScale: 0 },
    { somethingElse: 1 },
  ])('%j', (change) => {
    expect(PROFILE_FORM.safeParse({ ...PROFILE, ...change }).success).toBe(false);
  });
});

describe('the tile that becomes the cover', () => {
  const best = (subject: Parameters<typeof makeSubject>[0], loraWeights = PROFILE.loraWeights) =>
    bestTile(
      planTiles({
        subject: makeSubject(subject),
        profile: { ...PROFILE, loraWeights },
        machine: 'gpu',
        renderer: 'engine',
        host: REFERENCE,
        warnings: [],
      }),
    );

  it('is the first of a checkpoint, weight 1 of a LoRA, and what is with the embedding or the VAE', () => {
    expect(best({ type: 'checkpoint' })).toBe(0);
    expect(best({ type: 'lora' })).toBe(2);
    expect(best({ type: 'lora' }, [0, 0.5])).toBe(0);
    expect(best({ type: 'embedding' })).toBe(1);
    expect(best({ type: 'vae' })).toBe(1);
  });
});
