import { describe, expect, it } from 'vitest';
import { TYPES } from '#lib/catalog/client.ts';
import { planPreview } from '#lib/previews/plan/plan-preview.ts';
import { isSamePlan, planTiles } from '#lib/previews/plan/plan-tiles.ts';
import type { PreviewPlan } from '#lib/previews/plan/preview-plan.ts';
import { makeContext, makeSubject, PROFILE, REFERENCE } from './make-plan.ts';

const planOf = (subject: Parameters<typeof makeSubject>[0], context: Parameters<typeof makeContext>[0] = {}) =>
  planPreview(makeSubject(subject), makeContext(context));
const tilesOf = (...given: Parameters<typeof planOf>) => {
  const planned = planOf(...given);
  if (planned.kind !== 'tiles') throw new Error(`${planned.kind}: ${planned.reason}`);
  return planned;
};

describe('what is drawn', () => {
  it('draws a checkpoint by itself: every prompt with every seed', () => {
    const { plan, tilePlan } = tilesOf({ type: 'checkpoint' }, { reference: null });
    expect(plan.host.sha256).toBe('own');
    expect(tilePlan).toMatchObject({
      layout: 'samples',
      rows: ['Portrait', 'Scene'],
      columns: ['Seed 1', 'Seed 2', 'Seed 3'],
    });
    expect(tilePlan.tiles.map(({ row, column, request }) => [row, column, request.prompt, request.seed])).toEqual([
      [0, 0, 'a person', 1],
      [0, 1, 'a person', 2],
      [0, 2, 'a person', 3],
      [1, 0, 'a place', 1],
      [1, 1, 'a place', 2],
      [1, 2, 'a place', 3],
    ]);
    expect(tilePlan.tiles[0]?.request).toEqual({
      prompt: 'a person',
      negativePrompt: 'ugly',
      seed: 1,
      steps: 25,
      sampler: 'DPM++ 2M Karras',
      cfgScale: 7,
      clipSkip: 2,
      width: 512,
      height: 768,
      loraWeights: [],
    });
  });

  it('draws a merge as the checkpoint that it is', () => {
    expect(tilesOf({ type: 'checkpoint', name: 'a merge of two' }).tilePlan.layout).toBe('samples');
  });

  it.each(['lora', 'locon', 'loha', 'lokr', 'dora'])('sweeps a LoRA of the kind %s over its weights', (algorithm) => {
    const { plan, tilePlan } = tilesOf({ type: 'lora', algorithm });
    expect(plan.host).toEqual(REFERENCE);
    expect(tilePlan.layout).toBe('sweep');
    expect(tilePlan.columns).toEqual(['LoRA weight 0', 'LoRA weight 0.5', 'LoRA weight 1']);
    expect(tilePlan.rows).toEqual(['Seed 1', 'Seed 2']);
    expect(tilePlan.tiles.map(({ loraWeight, request }) => [request.seed, loraWeight, request.loraWeights])).toEqual([
      [1, 0, [0]],
      [1, 0.5, [0.5]],
      [1, 1, [1]],
      [2, 0, [0]],
      [2, 0.5, [0.5]],
      [2, 1, [1]],
    ]);
    expect(new Set(tilePlan.tiles.map(({ request }) => request.prompt)).size).toBe(1);
  });

  it('draws an embedding without and with its token', () => {
    const { tilePlan } = tilesOf({ type: 'embedding', name: 'my-style' });
    expect(tilePlan.columns).toEqual(['Without', 'With']);
    expect(tilePlan.tiles.map(({ request }) => request.prompt)).toEqual([
      'a person',
      'my-style, a person',
      'a person',
      'my-style, a person',
    ]);
    expect(tilePlan.tiles.every(({ request }) => request.negativePrompt === 'ugly')).toBe(true);
  });

  it.each(['EasyNegative', 'bad-hands-5', 'ng_deepnegative'])(
    'puts %s into the negative prompt, and says so',
    (name) => {
      const { tilePlan } = tilesOf({ type: 'embedding', name });
      expect(tilePlan.tiles.map(({ request }) => request.negativePrompt)).toEqual([
        'ugly',
        `${name}, ugly`,
        'ugly',
        `${name}, ugly`,
      ]);
      expect(tilePlan.tiles.every(({ request }) => request.prompt === 'a person')).toBe(true);
      expect(tilePlan.notes.join()).toContain('negative prompt');
    },
  );

  it("draws a VAE against the checkpoint's own, with one seed", () => {
    const { tilePlan } = tilesOf({ type: 'vae' });
    expect(tilePlan.tiles.map(({ request }) => [request.seed, request.usesGivenVae])).toEqual([
      [1, false],
      [1, true],
    ]);
    const [own, given] = tilePlan.tiles.map(({ request: { usesGivenVae: _, ...rest } }) => rest);
    expect(own).toEqual(given);
  });
});

describe('trigger words', () => {
  const promptOf = (triggers: { text: string; isStated: boolean }[]) => {
    const { tilePlan } = tilesOf({ type: 'lora', triggers });
    return [tilePlan.tiles[0]?.request.prompt, tilePlan.notes.join(' ')];
  };

  it('stand before the prompt when somebody wrote them down, three at most', () => {
    const words = ['one', 'two', 'three', 'four'].map((text) => ({ text, isStated: true }));
    expect(promptOf(words)).toEqual([
      'one, two, three, a person',
      'Trigger words in the prompt: “one”, “two”, “three”.',
    ]);
  });

  it('are flagged when they only look like some', () => {
    const [prompt, notes] = promptOf([
      { text: 'sks', isStated: false },
      { text: 'other', isStated: false },
    ]);
    expect(prompt).toBe('sks, a person');
    expect(notes).toMatch(/“sks”\. They were inferred/);
  });

  it('are left out where there are none, and that is said', () => {
    expect(promptOf([])).toEqual(['a person', 'No trigger words are known, so the prompt contains none.']);
  });

  it('of a file cannot carry other networks or weights into the prompt', () => {
    const [prompt] = promptOf([{ text: '<lora:evil:9>\n((x:2))\u0000 [y]', isStated: true }]);
    expect(prompt).toBe('lora:evil:9 x:2 y, a person');
  });
});

describe('a machine without a graphics card', () => {
  it('draws fewer and smaller tiles, and says so', () => {
    const { plan } = tilesOf({ type: 'lora' });
    const tilePlan = planTiles({ ...plan, machine: 'cpu' });
    expect(tilePlan.tiles).toHaveLength(3);
    expect(tilePlan.tiles[0]?.request).toMatchObject({ width: 256, height: 256, steps: 20 });
    expect(tilePlan.notes[0]).toBe(
      'Rendered without a GPU at 256 × 256 with 20 steps, instead of 512 × 768 with 25 steps.',
    );
  });
});

describe('what cannot be drawn', () => {
  it.each([
    'controlnet',
    't2i-adapter',
    'ip-adapter',
    'motion-module',
    'upscaler',
    'hypernetwork',
    'text-encoder',
    'image-encoder',
    'unknown',
    'diffusion-model',
  ])('says of the type %s why, in a sentence', (type) => {
    const planned = planOf({ type });
    expect(planned.kind).toBe('not_applicable');
    expect(planned.kind === 'not_applicable' && planned.reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('leaves no type of the catalog undecided', () => {
    const kinds = TYPES.map(({ id }) => [id, planOf({ type: id }).kind]);
    const drawn = kinds.filter(([, kind]) => kind === 'tiles').map(([id]) => id);
    expect(drawn).toEqual(['checkpoint', 'lora', 'embedding', 'vae']);
  });

  it.each(['inpaint', 'pix2pix', 'depth', 'unclip', 'refiner'])('refuses the variant %s politely', (variant) => {
    expect(planOf({ type: 'checkpoint', variant }).kind).toBe('not_applicable');
  });

  it.each([
    [{ type: 'checkpoint', base: 'unknown' }, /base model is unknown/],
    [{ type: 'lora', base: 'unknown' }, /base model is unknown/],
    [{ type: 'checkpoint', base: 'sdxl-refiner' }, /finishes the image of another model/],
    [{ type: 'checkpoint', absent: ['vae', 'clip-l'] }, /missing components that a preview needs: vae, clip-l/],
    [{ type: 'checkpoint', prediction: 'edm' }, /prediction type edm/],
    [{ type: 'checkpoint', precision: ['i8', 'svdquant'] }, /quantized as SVDQuant/],
    [{ type: 'checkpoint', precision: ['u8', 'bf16', 'nf4'] }, /quantized as NF4/],
    [{ type: 'checkpoint', precision: ['f4', 'nvfp4'] }, /quantized as NVFP4/],
    [{ type: 'checkpoint', precision: ['u8', 'mxfp4'] }, /quantized as MXFP4/],
    [{ type: 'checkpoint', precision: ['f8_e4m3', 'mxfp8'] }, /quantized as MXFP8/],
    [{ type: 'checkpoint', precision: ['i8', 'int8'] }, /quantized as int8/],
    [{ type: 'checkpoint', precision: ['f8_e4m3', 'scaled'] }, /Convert the model to fp16/],
  ])('says of %j what is in the way', (subject, reason) => {
    expect(planOf(subject)).toMatchObject({ kind: 'not_applicable', reason: expect.stringMatching(reason) });
  });

  it('says how later bases can be drawn, and draws them where ComfyUI is named', () => {
    const flux = { type: 'checkpoint', base: 'flux1' };
    const comfyui = { renderer: 'comfyui', baseLabel: 'FLUX.1' } as const;
    expect(planOf(flux, { ...comfyui, comfy: { isNamed: false, hasWorkflow: true } })).toMatchObject({
      kind: 'not_applicable',
      reason: expect.stringMatching(/FLUX\.1 are rendered with ComfyUI.*set a ComfyUI address/),
    });
    expect(planOf(flux, { ...comfyui, comfy: { isNamed: true, hasWorkflow: false } })).toMatchObject({
      kind: 'not_applicable',
    });
    expect(tilesOf(flux, { ...comfyui, comfy: { isNamed: true, hasWorkflow: true } }).plan.renderer).toBe('comfyui');
    expect(planOf(flux, { renderer: 'engine' })).toMatchObject({ kind: 'not_applicable' });
    expect(
      planOf({ type: 'vae', base: 'flux1' }, { ...comfyui, comfy: { isNamed: true, hasWorkflow: true } }),
    ).toMatchObject({ kind: 'not_applicable' });
  });

  it.each(['lora', 'embedding', 'vae'])('lets a %s wait for a checkpoint of its base model', (type) => {
    expect(planOf({ type }, { reference: null, baseLabel: 'SD 1.x' })).toMatchObject({
      kind: 'waiting_for_base',
      reason: expect.stringMatching(/catalog has no SD 1\.x checkpoint/),
    });
  });

  it('refuses an adapter that does not go with the checkpoint, in the words of the comparison', () => {
    const pairing = { warnings: [], refusal: 'It is for another version.' };
    expect(planOf({ type: 'lora' }, { pairing })).toEqual({
      kind: 'not_applicable',
      reason: 'It is for another version.',
    });
    expect(planOf({ type: 'checkpoint' }, { pairing }).kind).toBe('tiles');
  });

  it('keeps warnings of the two beside the pictures', () => {
    const pairing = { warnings: ['It was trained on pony.'], refusal: null };
    expect(tilesOf({ type: 'lora' }, { pairing }).tilePlan.notes).toContain('It was trained on pony.');
  });
});

describe('whether something is to be drawn anew', () => {
  const plan = (subject: Parameters<typeof makeSubject>[0], renderer: PreviewPlan['renderer'] = 'engine') => ({
    subject: makeSubject(subject),
    renderer,
  });

  it('does not hang on names or on the profile', () => {
    expect(isSamePlan(plan({ name: 'a' }), plan({ name: 'b', absent: [] }))).toBe(true);
    expect(PROFILE.steps).toBe(25);
  });

  it.each([
    { type: 'lora' },
    { base: 'sdxl' },
    { variant: 'inpaint' },
    { family: 'pony' },
    { prediction: 'v' },
    { triggers: [{ text: 'x', isStated: true }] },
  ])('does where %j is new', (change) => {
    expect(isSamePlan(plan({}), plan(change))).toBe(false);
  });

  it('does where something else is to draw it', () => {
    expect(isSamePlan(plan({}), plan({}, 'comfyui'))).toBe(false);
  });
});
