import { expect, it } from 'vitest';
import { factsOfClass } from '#scanner/bases/index.ts';
import { identify, type Statement } from '#scanner/identify/index.ts';
import { checkModel, groupModelFiles } from '#scanner/multi-file/index.ts';
import { readSidecarNotes } from '#scanner/sidecars/index.ts';
import { keysOf, TEMPLATES } from '#scanner/templates/index.ts';
import { type FolderFiles, SHARDS, UNET_ALONE, withFolder } from '../../fixtures/model-folders.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

it.each([
  ['FluxPipeline', ['flux1']],
  ['FluxKontextPipeline', ['flux1']],
  ['Flux2KleinPipeline', ['flux2']],
  ['StableDiffusionXLPipeline', ['sdxl', 'sdxl-refiner']],
  ['StableDiffusionXLImg2ImgPipeline', ['sdxl', 'sdxl-refiner']],
  ['StableDiffusion3Pipeline', ['sd3', 'sd3.5']],
  ['StableDiffusionPipeline', ['sd1', 'sd2']],
  ['StableDiffusionInstructPix2PixPipeline', ['sd1', 'sd2']],
  ['WanPipeline', ['wan']],
  ['WanImageToVideoPipeline', ['wan']],
  ['SanaPipeline', ['sana']],
  ['SanaVideoPipeline', ['sana-video']],
  ['HunyuanVideo15Pipeline', ['hunyuan-video']],
  ['QwenImageEditPlusPipeline', ['qwen-image']],
  ['ZImagePipeline', ['z-image']],
  ['ChromaPipeline', ['chroma']],
  ['LTX2Pipeline', ['ltx-2']],
  ['LTXPipeline', ['ltx-video']],
  ['Lumina2Pipeline', ['lumina2']],
  ['KandinskyV22Pipeline', ['kandinsky2']],
  ['Kandinsky5T2VPipeline', ['kandinsky5']],
])('%s loads %j', (name, bases) => {
  expect(factsOfClass(name)).toEqual({ bases, types: ['checkpoint', 'diffusion-model'] });
});

it.each([
  ['FluxTransformer2DModel', { bases: ['flux1'], types: ['checkpoint', 'diffusion-model'] }],
  ['SanaTransformer2DModel', { bases: ['sana'], types: ['checkpoint', 'diffusion-model'] }],
  ['UNet2DConditionModel', { types: ['checkpoint', 'diffusion-model'] }],
  ['FluxControlNetModel', { bases: ['flux1'], types: ['controlnet'] }],
  ['ControlNetModel', { types: ['controlnet'] }],
  ['AutoencoderKL', { types: ['vae'] }],
  ['AutoencoderKLWan', { bases: ['wan'], types: ['vae'] }],
  ['AutoencoderKLCogVideoX', { bases: ['cogvideox'], types: ['vae'] }],
])('%s says %j', (name, facts) => {
  expect(factsOfClass(name)).toEqual(facts);
});

it.each([
  'DiffusionPipeline',
  'MyPipeline',
  'Pipeline',
  'FluxSomething',
  '',
  ' FluxPipeline',
  'Flux-Pipeline',
  `Flux${'x'.repeat(200)}Pipeline`,
  '__proto__',
  'constructor',
])('%j says nothing', (name) => {
  expect(factsOfClass(name)).toBeUndefined();
});

const shapesOf = (id: string): Shapes => {
  const template = TEMPLATES.find((one) => one.id === id);
  if (template === undefined) throw new Error(`There is no template ${id}.`);
  return Object.fromEntries(keysOf(template));
};
const named = (value: string): Statement => ({ value, detail: `config.json: _class_name = ${value}` });

/** Every network in diffusers' names with tensors that another base has as well, and the classes of the bases it may be of. */
const shared = TEMPLATES.filter(({ part, naming }) => part === 'vae' && naming === 'diffusers').filter((template) => {
  const { base, candidates = [] } = identify(tensorTable(Object.fromEntries(keysOf(template))));
  return base === 'unknown' && candidates.length > 1;
});

it('there are networks that several bases share', () => {
  expect(shared.length).toBeGreaterThan(0);
});

it.each(shared)('$id is of the base that its class names, if its tensors allow that', (template) => {
  const shapes = Object.fromEntries(keysOf(template));
  const { candidates = [] } = identify(tensorTable(shapes));
  const classes = ['AutoencoderKLWan', 'AutoencoderKLQwenImage', 'AutoencoderKLHunyuanVideo', 'AutoencoderKLLTXVideo'];
  for (const value of classes) {
    const [base] = factsOfClass(value)?.bases ?? [];
    const identity = identify(tensorTable(shapes), { classes: [named(value)] });
    if (base !== undefined && candidates.includes(base)) {
      expect(identity).toMatchObject({ base, confidence: 'certain' });
      expect(identity.evidence).toContainEqual({ field: 'base', source: 'config', detail: named(value).detail });
      expect(identity.problems.join()).not.toContain('cannot be determined');
    } else {
      expect(identity).toMatchObject({ base: 'unknown' });
      expect(identity.confidence).not.toBe('certain');
      expect(identity.problems.join()).toContain(value);
    }
  }
});

const loraOfBoth: Shapes = {};
for (let block = 0; block < 19; block += 1) {
  const path = `transformer.transformer_blocks.${block}.attn.to_q`;
  loraOfBoth[`${path}.lora_A.weight`] = [8, 3072];
  loraOfBoth[`${path}.lora_B.weight`] = [3072, 8];
}

it('a class is said that contradicts the tensors, and lowers certainty, and never wins', () => {
  const flux = shapesOf('flux1/dev/backbone/diffusers');
  const plain = identify(tensorTable(flux));
  expect(plain).toMatchObject({ base: 'flux1', confidence: 'certain' });
  for (const value of ['StableDiffusionXLPipeline', 'WanTransformer3DModel', 'FluxControlNetModel', 'T5EncoderModel']) {
    const identity = identify(tensorTable(flux), { classes: [named(value)] });
    expect(identity).toMatchObject({ type: 'diffusion-model', base: 'flux1', confidence: 'high' });
    expect(identity.problems.join()).toContain(value);
  }
  const agreeing = identify(tensorTable(flux), { classes: [named('FluxPipeline'), named('FluxTransformer2DModel')] });
  expect(agreeing).toMatchObject({ base: 'flux1', confidence: 'certain', problems: plain.problems });
  // A LoRA is none of what such a class loads.
  const lora = identify(tensorTable(loraOfBoth), { classes: [named('ChromaTransformer2DModel')] });
  expect(lora.problems.join()).toContain('another type');
  expect(lora.confidence).not.toBe('certain');
});

it.each([
  ['t5-xxl', 'text-encoder', 'T5EncoderModel', 'UMT5EncoderModel'],
  ['umt5-xxl', 'text-encoder', 'UMT5EncoderModel', 't5'],
  ['clip-l', 'text-encoder', 'clip_text_model', 'CLIPVisionModelWithProjection'],
  ['qwen2.5-7b', 'text-encoder', 'Qwen2_5_VLForConditionalGeneration', 'LlamaForCausalLM'],
  ['gemma-2-2b', 'text-encoder', 'Gemma2Model', 'Gemma3ForConditionalGeneration'],
  ['clip-vision-h', 'image-encoder', 'CLIPVisionModelWithProjection', 'CLIPTextModel'],
  ['siglip', 'image-encoder', 'siglip_vision_model', 'Dinov2Model'],
  ['dinov2-large', 'image-encoder', 'Dinov2Model', 'AutoencoderKL'],
])('%s is what %s of the class %s is, and not %s', (network, type, own, other) => {
  const template = TEMPLATES.find((one) => one.network === network && one.naming === 'transformers');
  const shapes = tensorTable(Object.fromEntries(template === undefined ? [] : keysOf(template)));
  const plain = identify(shapes);
  expect(plain).toMatchObject({ type, components: [network] });
  const agreeing = identify(shapes, { classes: [named(own)] });
  expect(agreeing).toMatchObject({ type, components: [network], problems: [], confidence: plain.confidence });
  expect(agreeing.evidence).toContainEqual({ field: 'type', source: 'config', detail: named(own).detail });
  const contradicted = identify(shapes, { classes: [named(other)] });
  expect(contradicted).toMatchObject({ type, components: [network] });
  expect(contradicted.problems.join()).toContain(other);
  expect(contradicted.confidence).not.toBe(plain.confidence);
});

it('no class makes a base of what no network explains', () => {
  const nothing = identify(tensorTable({ 'nobody.knows': [3] }), { classes: [named('FluxPipeline')] });
  expect(nothing).toMatchObject({ type: 'unknown', base: 'unknown' });
});

const classesOf = (text: string) => readSidecarNotes([{ filename: 'a.json', text }]).classes;

it.each([
  ['a list in place of a name', '{"_class_name": ["my_pipeline", "FluxPipeline"]}'],
  ['a number', '{"_class_name": 5, "architectures": "FluxPipeline", "model_type": null}'],
  ['one that an object inherits', '{"__proto__": {"_class_name": "FluxPipeline"}}'],
  ['no object', '["_class_name"]'],
  ['JSON that is cut off', '{"_class_name": "FluxPipeline"'],
  ['a long name', `{"_class_name": "Flux${'x'.repeat(500)}"}`],
  ['other signs', '{"_class_name": "Flux\\u0000Pipeline"}'],
  ['three megabytes', `{"_class_name": "FluxPipeline", "filler": "${'x'.repeat(3 * 1024 * 1024)}"}`],
  ['a hundred thousand lists in each other', `{"_class_name": ${'['.repeat(100_000)}`],
])('a configuration with %s names no class', (_, text) => {
  expect(classesOf(text)).toBeUndefined();
});

it('a configuration beside a file names the classes of diffusers and transformers', () => {
  expect(classesOf('{"_class_name": "SanaTransformer2DModel", "model_type": "t5"}')).toEqual([
    { value: 'SanaTransformer2DModel', detail: 'a.json: _class_name = SanaTransformer2DModel' },
  ]);
  expect(
    classesOf('{"architectures": ["T5EncoderModel", 7, "X"], "model_type": "t5"}')?.map(({ value }) => value),
  ).toEqual(['T5EncoderModel', 'X']);
  expect(classesOf('{"model_type": "t5"}')).toEqual([{ value: 't5', detail: 'a.json: model_type = t5' }]);
  expect(classesOf(JSON.stringify({ architectures: Array(1000).fill('X') }))).toHaveLength(8);
});

function identifyFolder(files: FolderFiles) {
  return withFolder(files, (root) => {
    const [group] = groupModelFiles(Object.keys(files));
    return group === undefined ? null : checkModel(root, group);
  });
}

it('a folder whose class contradicts its tensors says so', () => {
  const files = {
    ...UNET_ALONE,
    'model_index.json': { ...UNET_ALONE['model_index.json'], _class_name: 'FluxPipeline' },
  };
  const { identity } = identifyFolder(files) ?? {};
  expect(identity?.base).not.toBe('flux1');
  expect(identity?.confidence).not.toBe('certain');
});

it.each([
  ['no JSON', '{', 'not valid JSON'],
  ['a key twice', '{"model_type": "t5", "model_type": "llama"}', 'twice'],
  ['two megabytes', `{"x": "${'x'.repeat(2 * 1024 * 1024)}"}`, 'no more than'],
])('a config.json beside shards with %s says nothing, and that is said', (_, text, says) => {
  const plain = identifyFolder(SHARDS);
  const { identity, findings = [] } = identifyFolder({ ...SHARDS, 'config.json': text }) ?? {};
  expect(identity).toEqual(plain?.identity);
  expect(findings).toMatchObject([{ severity: 'note', message: expect.stringContaining(says) }]);
});

it('leaves the last word to the weights where a class says the same, and has it where it decides', () => {
  const lastOf = (shapes: Shapes, value: string) =>
    identify(tensorTable(shapes), { classes: [named(value)] }).evidence.findLast(({ field }) => field === 'base')
      ?.source;
  expect(lastOf(shapesOf('flux1/dev/backbone/diffusers'), 'FluxPipeline')).toBe('weights');
  expect(lastOf(shapesOf('wan/vae/diffusers'), 'AutoencoderKLWan')).toBe('config');
});
