import { describe, expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { readSidecarNotes } from '#scanner/sidecars/index.ts';
import { tensorTable } from '../../fixtures/tensor-table.ts';

const note = (filename: string, content: unknown) => ({
  filename,
  text: typeof content === 'string' ? content : JSON.stringify(content),
});
const config = (parameterization: string) =>
  `model:\n  base_learning_rate: 1.0e-4\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n    parameterization: ${parameterization}\n    timesteps: 1000\n`;

describe('the base in a record beside a model', () => {
  it.each([
    ['a.civitai.info', { baseModel: 'SD 1.5', trainedWords: ['x'] }, 'sd1'],
    ['a.civitai.info', { baseModel: 'SD 2.1 768' }, 'sd2'],
    ['a.civitai.info', { baseModel: 'SDXL 1.0' }, 'sdxl'],
    ['a.civitai.info', { baseModel: 'SD 3.5 Large' }, 'sd3.5'],
    ['a.civitai.info', { baseModel: 'Flux.1 D' }, 'flux1'],
    ['a.civitai.info', { baseModel: 'Flux.2 Klein 4B' }, 'flux2'],
    ['a.civitai.info', { baseModel: 'Pony V7' }, 'auraflow'],
    ['a.civitai.info', { baseModel: 'Wan Video 14B t2v' }, 'wan'],
    ['a.civitai.info', { baseModel: 'ZImageTurbo' }, 'z-image'],
    ['a.cm-info.json', { BaseModel: 'SDXL 1.0' }, 'sdxl'],
    ['a.metadata.json', { base_model: 'Qwen' }, 'qwen-image'],
    ['a.json', { 'sd version': 'SD2' }, 'sd2'],
    ['a.swarm.json', { architecture: 'stable-diffusion-xl-v1-base/lora' }, 'sdxl'],
    ['a.swarm.json', { 'modelspec.architecture': 'flux-1-dev' }, 'flux1'],
  ])('%s %j', (filename, record, base) => {
    expect(readSidecarNotes([note(filename, record)]).base?.value).toBe(base);
  });

  it.each([
    ['one that nobody knows', { baseModel: 'Something 9' }],
    ['a number', { baseModel: 15 }],
    ['a long text', { baseModel: `SDXL ${'1'.repeat(200)}` }],
    ['one that an object inherits', '{"__proto__": {"baseModel": "SDXL 1.0"}}'],
    ['A1111 without an answer', { 'sd version': 'Unknown' }],
    ['JSON that is cut off', '{"baseModel": "SDXL 1.0"'],
    ['a hundred thousand lists in each other', '['.repeat(100_000)],
    ['more than any tool writes', { baseModel: 'SDXL 1.0', filler: 'x'.repeat(3 * 1024 * 1024) }],
  ])('is not told by %s', (_, record) => {
    expect(readSidecarNotes([note('a.json', record)])).toEqual({});
  });

  it.each([
    ['Pony', 'pony'],
    ['Illustrious', 'illustrious'],
    ['NoobAI', 'noobai'],
    ['SDXL 1.0', undefined],
  ])('%s is SDXL, and a family where it is one', (baseModel, family) => {
    const said = readSidecarNotes([note('a.civitai.info', { baseModel })]);
    expect([said.base?.value, said.family?.value]).toEqual(['sdxl', family]);
  });

  it('is that of the first of two by name', () => {
    const notes = [note('a.civitai.info', { baseModel: 'SD 1.5' }), note('a.json', { 'sd version': 'SDXL' })];
    expect(readSidecarNotes(notes).base).toEqual({ value: 'sd1', detail: 'a.civitai.info: baseModel = SD 1.5' });
  });
});

describe('the prediction in a configuration beside a model', () => {
  it.each([
    ['v', 'v'],
    ['"v"', 'v'],
    ['eps', 'epsilon'],
    ['x0', undefined],
    ['[v]', undefined],
  ])('parameterization: %s', (text, prediction) => {
    expect(readSidecarNotes([note('a.yaml', config(text))]).prediction?.value).toBe(prediction);
  });

  it.each([
    ['text that is no YAML', 'model: [1, 2'],
    ['another shape', 'model:\n  - params\n'],
    ['nothing', ''],
    // Ten of ten of ten…: ten thousand million entries.
    [
      'aliases of aliases',
      `${Array.from(
        { length: 10 },
        (_, i) =>
          `a${i}: &a${i} [${Array(10)
            .fill(i === 0 ? '1' : `*a${i - 1}`)
            .join(', ')}]\n`,
      ).join('')}${config('v')}`,
    ],
    ['lists in lists', `${'['.repeat(60_000)}`],
    ['more than any configuration has', `${config('v')}# ${'x'.repeat(70_000)}`],
  ])('is not told by %s', (_, text) => {
    expect(readSidecarNotes([note('a.yaml', text)])).toEqual({});
  });
});

const sd1 = tensorTable({
  'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3],
  'model.diffusion_model.output_blocks.0.0.in_layers.0.weight': [2560],
  'model.diffusion_model.middle_block.1.norm.weight': [1280],
  'model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [640, 768],
  'model.diffusion_model.time_embed.0.weight': [1280, 320],
});
const openLora = { 'lora_unet_mid_block_attentions_0_proj_out.lora_down.weight': [4, 1280] };
const vae = { 'decoder.conv_in.weight': [512, 4, 3, 3], 'decoder.mid.block_1.norm1.weight': [512] };
const says = (filename: string, content: unknown) => readSidecarNotes([note(filename, content)]);

describe('what lies beside a model', () => {
  it('decides the prediction where no tensor does, and is cited', () => {
    const identity = identify(sd1, { sidecars: says('a.yaml', config('v')) });
    expect(identity).toMatchObject({ base: 'sd1', prediction: 'v', variant: 'v-prediction' });
    expect(identity.evidence).toContainEqual({
      field: 'prediction',
      source: 'sidecar',
      detail: 'a.yaml: parameterization = v',
    });
    expect(identify(sd1)).toMatchObject({ prediction: 'epsilon', variant: null });
  });

  it('says nothing against metadata or marks in the weights', () => {
    const sidecars = says('a.yaml', config('eps'));
    const stated = { ...sd1, metadata: new Map([['modelspec.prediction_type', 'v']]) };
    expect(identify(stated, { sidecars }).prediction).toBe('v');
    const marked = { ...sd1, tensors: [...sd1.tensors, ...tensorTable({ v_pred: [0] }).tensors] };
    expect(identify(marked, { sidecars }).prediction).toBe('v');
  });

  it('says nothing against the numbers of SD 2.x, and the contradiction is shown', () => {
    const sd2 = tensorTable({
      'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3],
      'model.diffusion_model.output_blocks.0.0.in_layers.0.weight': [2560],
      'model.diffusion_model.middle_block.1.norm.weight': [1280],
      'model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [640, 1024],
      'model.diffusion_model.time_embed.0.weight': [1280, 320],
    });
    const sidecars = says('a.yaml', config('v'));
    expect(identify(sd2, { sidecars }).prediction).toBe('v');
    const flat = identify(sd2, { sidecars, readTensor: () => new Float32Array(320) });
    expect(flat.prediction).toBe('epsilon');
    expect(flat.problems.join()).toContain('parameterization = v');
  });

  it.each([
    ['a LoRA', openLora],
    ['a VAE', vae],
  ])('decides the base of %s whose weights leave it open, before the file name', (_, shapes) => {
    const sidecars = says('a.civitai.info', { baseModel: 'SD 2.1' });
    const identity = identify(tensorTable(shapes), { sidecars, filename: 'sdxl thing.safetensors' });
    expect(identity).toMatchObject({ base: 'sd2', confidence: 'medium' });
    expect(identity.evidence).toContainEqual({
      field: 'base',
      source: 'sidecar',
      detail: 'a.civitai.info: baseModel = SD 2.1',
    });
    const stated = tensorTable(shapes, { metadata: { ss_base_model_version: 'sdxl_base_v1-0' } });
    expect(identify(stated, { sidecars }).base).toBe('sdxl');
  });

  it('never makes a model another than its weights are, and the contradiction is shown', () => {
    const identity = identify(sd1, { sidecars: says('a.civitai.info', { baseModel: 'SDXL 1.0' }) });
    expect(identity.base).toBe('sd1');
    expect(identity.problems.join()).toContain('baseModel = SDXL 1.0');
    const unknown = tensorTable({ 'something.weight': [3, 3] });
    expect(identify(unknown, { sidecars: says('a.json', { 'sd version': 'SD1' }) })).toMatchObject({
      type: 'unknown',
      base: 'unknown',
    });
  });

  it('names the family where metadata does not', () => {
    const lora = tensorTable({
      'lora_unet_output_blocks_4_1_transformer_blocks_1_attn2_to_k.lora_down.weight': [8, 2048],
    });
    const sidecars = says('a.civitai.info', { baseModel: 'Pony' });
    const identity = identify(lora, { sidecars });
    expect(identity).toMatchObject({ base: 'sdxl', family: 'pony' });
    expect(identity.evidence).toContainEqual(expect.objectContaining({ field: 'family', source: 'sidecar' }));
    const stated = { ...lora, metadata: new Map([['ss_sd_model_name', 'noobaiXL_v1.safetensors']]) };
    expect(identify(stated, { sidecars }).family).toBe('noobai');
  });
});
