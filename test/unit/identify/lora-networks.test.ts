import { expect, it } from 'vitest';
import { baseRecord } from '#scanner/bases/index.ts';
import { identify } from '#scanner/identify/index.ts';
import { keysOf, TEMPLATES, type Template } from '#scanner/templates/index.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

/** How trainers and programs write a module's name, and which parts they give it. */
const FORMS: readonly (readonly [name: string, module: (name: string) => string, down: string, up: string])[] = [
  ['diffusers', (name) => `transformer.${name}`, 'lora_A.weight', 'lora_B.weight'],
  ['ComfyUI', (name) => `diffusion_model.${name}`, 'lora_A.weight', 'lora_B.weight'],
  ['PEFT', (name) => `base_model.model.${name}`, 'lora_A.default.weight', 'lora_B.default.weight'],
  ['kohya', (name) => `lora_unet_${name.replaceAll('.', '_')}`, 'lora_down.weight', 'lora_up.weight'],
  ['OneTrainer', (name) => `lora_transformer_${name.replaceAll('.', '_')}`, 'lora_down.weight', 'lora_up.weight'],
  ['SimpleTuner', (name) => `lycoris_${name.replaceAll('.', '_')}`, 'lora_down.weight', 'lora_up.weight'],
];

const backbones = TEMPLATES.filter(({ part }) => part === 'backbone');

/** Every network, with the ways of naming in turn. */
const cases = backbones.map((template, index) => ({ template, form: FORMS[index % FORMS.length] ?? FORMS[0] }));

const matrices = new Map<Template, (readonly [module: string, output: number, input: number])[]>();

/** A LoRA of the matrices of a network that `isLeft` keeps. */
function loraOf({ template, form }: (typeof cases)[number], isLeft: () => boolean = () => true): Shapes {
  let layers = matrices.get(template);
  if (layers === undefined) {
    layers = [...keysOf(template)].flatMap(([name, [output = 0, input = 0]]) =>
      name.endsWith('.weight') && input > 0 ? [[name.slice(0, -'.weight'.length), output, input] as const] : [],
    );
    matrices.set(template, layers);
  }
  const [, nameOf, down, up] = form ?? ['', String, 'lora_A.weight', 'lora_B.weight'];
  const shapes: Shapes = {};
  for (const [module, output, input] of layers) {
    if (!isLeft()) continue;
    shapes[`${nameOf(module)}.${down}`] = [8, input];
    shapes[`${nameOf(module)}.${up}`] = [output, 8];
  }
  return shapes;
}

it('LoRAs of all networks are of their base, and certain only where no other base has the layers', () => {
  expect(cases.length).toBeGreaterThan(60);
  const wrong = cases.flatMap((one) => {
    const { base, confidence, candidates = [] } = identify(tensorTable(loraOf(one)));
    const own = one.template.base ?? 'unknown';
    const isRight = base === own || (confidence !== 'certain' && candidates.includes(own));
    return isRight ? [] : [`${one.template.id} as ${one.form?.[0]}: ${base} ${confidence}`];
  });
  expect(wrong).toEqual([]);
});

it('LoRAs of which half the layers are left are never wrong and certain', () => {
  let state = 1;
  const isLeft = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % 2 === 0;
  };
  const wrong = cases.flatMap((one) => {
    const { base, confidence } = identify(tensorTable(loraOf(one, isLeft)));
    return confidence === 'certain' && base !== one.template.base ? [`${one.template.id}: ${base}`] : [];
  });
  expect(wrong).toEqual([]);
});

it('a LoRA of layers that FLUX.1 and Chroma share is never certain', () => {
  const shapes: Shapes = {};
  for (let block = 0; block < 19; block += 1) {
    const path = `transformer.transformer_blocks.${block}.attn.to_q`;
    shapes[`${path}.lora_A.weight`] = [8, 3072];
    shapes[`${path}.lora_B.weight`] = [3072, 8];
  }
  const { base, confidence, candidates, coverage, evidence } = identify(tensorTable(shapes));
  expect(['flux1', 'unknown']).toContain(base);
  expect(confidence).not.toBe('certain');
  expect(candidates).toEqual(expect.arrayContaining(['flux1', 'chroma']));
  expect(coverage).toMatchObject({ unit: 'layers', total: 19, explained: 19, missing: 0, runnerUp: 19 });
  expect(evidence.map(({ detail }) => detail)).toContainEqual(
    expect.stringContaining(baseRecord('chroma')?.label ?? ''),
  );
});
