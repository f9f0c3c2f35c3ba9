import { expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

/** A layer of SVDQuant, as nunchaku saves it. */
const packed = (name: string): Shapes => ({
  [`${name}.qweight`]: [3072, 1536],
  [`${name}.wscales`]: [48, 3072],
  [`${name}.smooth_factor`]: [3072],
  [`${name}.proj_down`]: [3072, 32],
  [`${name}.proj_up`]: [3072, 32],
});
/** Layers that no rule tells. */
const SOME: Shapes = { ...packed('transformer_blocks.0.out_proj'), ...packed('transformer_blocks.1.out_proj') };
const FLUX: Shapes = {
  ...packed('transformer_blocks.0.qkv_proj_context'),
  ...packed('single_transformer_blocks.0.qkv_proj'),
};
const named = (value: string, shapes: Shapes) => identify(tensorTable(shapes, { metadata: { model_class: value } }));

it.each([
  ['NunchakuFluxTransformer2dModel', 'flux1'],
  ['NunchakuFluxTransformer2DModelV2', 'flux1'],
  ['NunchakuQwenImageTransformer2DModel', 'qwen-image'],
  ['NunchakuSanaTransformer2DModel', 'sana'],
  ['NunchakuZImageTransformer2DModel', 'z-image'],
])('%s loads %s, which is possible where the packed tensors tell nothing', (value, base) => {
  const identity = named(value, SOME);
  expect(identity).toMatchObject({ type: 'diffusion-model', base, confidence: 'medium' });
  expect(identity.evidence).toContainEqual({ field: 'base', source: 'metadata', detail: `model_class = ${value}` });
  expect(identity.precision).toContain('svdquant');
});

it('a class of two bases names both', () => {
  const identity = named('NunchakuSDXLUNet2DConditionModel', SOME);
  expect(identity).toMatchObject({ type: 'diffusion-model', base: 'unknown', candidates: ['sdxl', 'sdxl-refiner'] });
});

it('an encoder of nunchaku is a text encoder', () => {
  expect(named('NunchakuT5EncoderModel', SOME)).toMatchObject({ type: 'text-encoder', base: 'unknown' });
});

it('tensors win over the class, and what contradicts them is said', () => {
  expect(named('NunchakuFluxTransformer2dModel', FLUX)).toMatchObject({
    base: 'flux1',
    confidence: 'high',
    problems: [],
  });
  const other = named('NunchakuSanaTransformer2DModel', FLUX);
  expect(other).toMatchObject({ base: 'flux1', confidence: 'medium' });
  expect(other.problems.join()).toContain('The metadata names another base model');
});

it.each(['FluxTransformer2DModel', 'Nunchaku', 'NunchakuSomething', `Nunchaku${'x'.repeat(200)}`])(
  '%j alone makes nothing a model',
  (value) => {
    expect(named(value, SOME)).toMatchObject({ type: 'unknown', base: 'unknown' });
  },
);

it('the class makes nothing of tensors that are not packed', () => {
  const plain = { 'a.weight': [3072, 3072], 'b.weight': [3072, 3072] };
  expect(named('NunchakuFluxTransformer2dModel', plain)).toMatchObject({ type: 'unknown', base: 'unknown' });
});
