import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { familyOf } from '#lib/comfyui/families.ts';
import { buildWorkflow, COMFY_BASES, type WorkflowFiles } from '#lib/comfyui/index.ts';
import { SAMPLERS } from '#lib/render/index.ts';
import { comfyNodes } from '../../support/comfyui-nodes.ts';
import { tileOf } from '../../support/comfyui-request.ts';
import { validateGraph } from '../../support/comfyui-validate.ts';

const models = mkdtempSync(join(tmpdir(), 'weighhouse-workflow-'));
for (const name of [
  'checkpoints/m',
  'diffusion_models/m',
  'loras/a',
  'loras/b',
  'vae/v',
  'vae/w',
  'text_encoders/x',
  'text_encoders/y',
  'text_encoders/z',
]) {
  const path = join(models, `${name}.safetensors`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}
afterAll(() => rmSync(models, { recursive: true, force: true }));

const whole: WorkflowFiles = {
  model: { kind: 'checkpoint', comfyName: 'm.safetensors' },
  textEncoders: null,
  vae: null,
  givenVae: null,
  loras: [],
  embeddings: [],
};
const plain = { loras: [] };
const encodersOf = (base: string) =>
  ['x', 'y', 'z'].slice(0, familyOf(base)!.encoders.files.length).map((name) => `${name}.safetensors`);
const apartOf = (base: string): WorkflowFiles => ({
  ...whole,
  model: { kind: 'network', comfyName: 'm.safetensors' },
  textEncoders: encodersOf(base),
  vae: 'v.safetensors',
});

function build(
  base: string,
  files: WorkflowFiles,
  tile = tileOf(),
  request: Parameters<typeof buildWorkflow>[1] = plain,
) {
  const workflow = buildWorkflow(base, request, tile, files);
  const { graph } = workflow;
  const all = (type: string) => Object.values(graph).filter((node) => node.class_type === type);
  const from = (link: unknown) => graph[String((link as [string, number])[0])]!;
  return { ...workflow, all, from, one: (type: string) => all(type)[0]!, sampled: graph[workflow.sampler]! };
}

describe('a workflow for ComfyUI', () => {
  const cases = COMFY_BASES.flatMap((base) => SAMPLERS.map((sampler) => [base, sampler] as const));
  it.each(cases)('of %s with %s is one that its nodes take, whole and in parts', (base, sampler) => {
    const loras = ['a.safetensors', 'b.safetensors'];
    const tile = tileOf({ sampler, clipSkip: 3, loraWeights: [0.8, { unet: 1, text: 0.5 }], prompt: 'one BREAK two' });
    for (const files of [whole, apartOf(base)]) {
      const { graph } = build(base, { ...files, loras, givenVae: 'w.safetensors' }, tile, {
        loras: [],
        prediction: 'v',
        zeroTerminalSnr: true,
      });
      expect(validateGraph(graph, comfyNodes(models, '/'))).toBeNull();
    }
  });

  it('passes on what a picture asks for', () => {
    const { sampled, from, graph, picture } = build('sdxl', whole, tileOf({ seed: 2 ** 53 - 1, cfgScale: 5.5 }));
    expect(sampled).toMatchObject({
      class_type: 'KSampler',
      inputs: {
        seed: 9_007_199_254_740_991,
        steps: 4,
        cfg: 5.5,
        sampler_name: 'euler_ancestral',
        scheduler: 'normal',
        denoise: 1,
      },
    });
    expect(from(sampled.inputs.positive).inputs.text).toBe('a lighthouse at dusk');
    expect(from(sampled.inputs.negative).inputs.text).toBe('blurry');
    expect(from(sampled.inputs.latent_image)).toEqual({
      class_type: 'EmptyLatentImage',
      inputs: { width: 64, height: 48, batch_size: 1 },
    });
    expect(graph[picture]!.class_type).toBe('PreviewImage');
  });

  it.each([
    ['DPM++ 2M Karras', 'sd1', 'dpmpp_2m', 'karras'],
    ['DPM++ 2M Karras', 'sd3.5', 'dpmpp_2m', 'sgm_uniform'],
    ['DDIM', 'sd2', 'ddim', 'ddim_uniform'],
    ['Euler', 'flux1', 'euler', 'simple'],
  ] as const)('draws %s of %s by %s and %s', (sampler, base, sampler_name, scheduler) => {
    const { sampled } = build(base, whole, tileOf({ sampler }));
    expect(sampled.inputs).toMatchObject({ sampler_name, scheduler });
  });

  it('chains LoRAs in their order, each with its weights for network and text', () => {
    const files = { ...whole, loras: ['a.safetensors', 'b.safetensors'] };
    const { sampled, from, one } = build('sd1', files, tileOf({ loraWeights: [0.75, { unet: -1, text: 0 }] }));
    const last = from(sampled.inputs.model);
    expect(last.inputs).toMatchObject({ lora_name: 'b.safetensors', strength_model: -1, strength_clip: 0 });
    const first = from(last.inputs.model);
    expect(first.inputs).toMatchObject({ lora_name: 'a.safetensors', strength_model: 0.75, strength_clip: 0.75 });
    expect(from(first.inputs.model).class_type).toBe('CheckpointLoaderSimple');
    expect(from(one('CLIPTextEncode').inputs.clip)).toBe(last);
    expect(last.inputs.clip).toEqual([expect.any(String), 1]);
  });

  it('differs between the pictures of a sweep in nothing but their weights', () => {
    const files = { ...whole, loras: ['a.safetensors'] };
    const at = (weight: number) => JSON.stringify(build('sd1', files, tileOf({ loraWeights: [weight] })).graph);
    expect(at(0).replaceAll('"strength_model":0,"strength_clip":0', '')).toBe(
      at(1.25).replaceAll('"strength_model":1.25,"strength_clip":1.25', ''),
    );
  });

  it.each([
    ['sd1', 1, undefined],
    ['sd1', 2, -2],
    // These take the layer before the last by themselves, whatever is said.
    ['sdxl', 1, undefined],
    ['sdxl', 2, undefined],
    ['sdxl', 3, -3],
    ['sd2', 2, undefined],
    ['flux1', 2, undefined],
  ])('of %s with clip skip %i stops at layer %s', (base, clipSkip, layer) => {
    expect(build(base, whole, tileOf({ clipSkip })).one('CLIPSetLastLayer')?.inputs.stop_at_clip_layer).toBe(layer);
  });

  it.each([
    ['v', 'sd2', false, 'Euler', { sampling: 'v_prediction', zsnr: false }],
    ['v', 'sdxl', true, 'Euler', { sampling: 'v_prediction', zsnr: true }],
    ['epsilon', 'sd2', false, 'Euler', { sampling: 'eps', zsnr: false }],
    ['epsilon', 'sd1', false, 'LCM', { sampling: 'lcm', zsnr: false }],
    ['epsilon', 'sd1', false, 'Euler', undefined],
    ['v', 'sd3', true, 'Euler', undefined],
  ] as const)(
    'for a network that predicts %s of %s (zero terminal SNR: %s) with %s',
    (prediction, base, zeroTerminalSnr, sampler, inputs) => {
      const found = build(base, whole, tileOf({ sampler }), { loras: [], prediction, zeroTerminalSnr }).one(
        'ModelSamplingDiscrete',
      )?.inputs;
      expect(found && { sampling: found.sampling, zsnr: found.zsnr }).toEqual(inputs);
    },
  );

  it('gives FLUX its guidance as an input, and no negative prompt', () => {
    const { sampled, from } = build('flux1', apartOf('flux1'), tileOf({ cfgScale: 3.5 }));
    expect(sampled.inputs.cfg).toBe(1);
    expect(from(sampled.inputs.positive)).toMatchObject({ class_type: 'FluxGuidance', inputs: { guidance: 3.5 } });
    expect(from(sampled.inputs.negative).inputs.text).toBe('');
    expect(from(sampled.inputs.latent_image).class_type).toBe('EmptySD3LatentImage');
    expect(from(sampled.inputs.model).class_type).toBe('UNETLoader');
  });

  it('shifts the steps of Stable Diffusion 3, and loads the encoders that are there', () => {
    const { sampled, from, one } = build('sd3.5', { ...apartOf('sd3.5'), model: whole.model, vae: null });
    expect(from(sampled.inputs.model)).toMatchObject({ class_type: 'ModelSamplingSD3', inputs: { shift: 3 } });
    expect(one('TripleCLIPLoader').inputs).toEqual({
      clip_name1: 'x.safetensors',
      clip_name2: 'y.safetensors',
      clip_name3: 'z.safetensors',
    });
    expect(from(one('VAEDecode').inputs.vae).class_type).toBe('CheckpointLoaderSimple');
    const two = build('sd3.5', { ...whole, textEncoders: ['x.safetensors', 'y.safetensors'] });
    expect(two.one('DualCLIPLoader').inputs).toMatchObject({ type: 'sd3' });
  });

  it("decodes with the given VAE, or with the checkpoint's own where a picture says so", () => {
    const files = { ...whole, givenVae: 'w.safetensors' };
    const given = build('sd1', files);
    expect(given.from(given.one('VAEDecode').inputs.vae).inputs).toEqual({ vae_name: 'w.safetensors' });
    const own = build('sd1', files, tileOf({ usesGivenVae: false }));
    expect(own.one('VAEDecode').inputs.vae).toEqual([expect.any(String), 2]);
    expect(own.all('VAELoader')).toEqual([]);
  });

  it('encodes the parts between BREAK apart and joins them in their order', () => {
    const { sampled, from } = build('sd1', whole, tileOf({ prompt: 'red BREAK green BREAK blue' }));
    const last = from(sampled.inputs.positive);
    expect(last.class_type).toBe('ConditioningConcat');
    expect(from(last.inputs.conditioning_from).inputs.text).toBe('blue');
    const first = from(last.inputs.conditioning_to);
    expect(
      [first.inputs.conditioning_to, first.inputs.conditioning_from].map((link) => from(link).inputs.text),
    ).toEqual(['red', 'green']);
  });

  it('refuses a base without a workflow, and weights that do not fit the LoRAs', () => {
    expect(() => build('kandinsky5', whole)).toThrow(expect.objectContaining({ code: 'unsupported_architecture' }));
    expect(() => build('sd1', whole, tileOf({ loraWeights: [1] }))).toThrow(
      expect.objectContaining({ code: 'bad_request' }),
    );
  });
});
