import { expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { keysOf, skeletonOf, TEMPLATES } from '#scanner/templates/index.ts';
import { type Shapes, tensorTable, underPrefix } from '../../fixtures/tensor-table.ts';

const shapesOf = (id: string): Shapes => {
  const template = TEMPLATES.find((one) => one.id === id);
  if (template === undefined) throw new Error(`There is no template ${id}.`);
  return Object.fromEntries(keysOf(template));
};
const pick = (shapes: Shapes, wanted: (name: string) => boolean): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => wanted(name)));
/** What two networks have alike: a part of one that could be a part of the other. */
const common = (a: string, b: string): Shapes => {
  const other = shapesOf(b);
  return Object.fromEntries(
    Object.entries(shapesOf(a)).filter(([name, shape]) => other[name]?.join('x') === shape.join('x')),
  );
};
/** The part without the layers by which rules tell a network. */
const middle = (shapes: Shapes): Shapes => pick(shapes, (name) => /blocks\.[2-4]\./.test(name));

it.each([
  ['sd2/unclip-h/backbone/diffusers', 'sd2/controlnet/diffusers'],
  ['sd1/backbone/diffusers', 'sd1/controlnet/diffusers'],
  ['sd3/backbone/diffusers', 'sd3/inpaint/controlnet/diffusers'],
  ['flux1/dev/backbone/diffusers', 'flux1/controlnet/diffusers'],
  ['qwen-image/backbone/diffusers', 'qwen-image/controlnet/diffusers'],
])('what %s and %s have alike has no type', (backbone, controlNet) => {
  const shapes = middle(common(backbone, controlNet));
  expect(Object.keys(shapes).length).toBeGreaterThan(8);
  const { type, confidence, problems } = identify(tensorTable(shapes));
  expect({ type, confidence }).toEqual({ type: 'unknown', confidence: 'low' });
  expect(problems.join()).toContain('ControlNet or Diffusion model: each has these tensors');
});

it('a rule does not tell what every tensor leaves open', () => {
  const shapes = pick(common('qwen-image/backbone/diffusers', 'qwen-image/controlnet/diffusers'), (name) =>
    /^(?:transformer_blocks\.[01]\.|txt_norm\.|img_in\.|txt_in\.)/.test(name),
  );
  expect(identify(tensorTable(shapes))).toMatchObject({ type: 'unknown', confidence: 'low' });
});

it('a motion module cut in half is one, though a network of AnimateDiff has its tensors', () => {
  const half = Object.entries(shapesOf('sd1/v3/motion-module/diffusers')).filter((_, place) => place % 2 === 0);
  expect(identify(tensorTable(Object.fromEntries(half)))).toMatchObject({
    type: 'motion-module',
    confidence: 'medium',
  });
});

it.each([
  ['model.diffusion_model.', 'diffusion-model'],
  ['unet.', 'diffusion-model'],
  ['transformer.', 'diffusion-model'],
  ['controlnet.', 'controlnet'],
])('behind %s it is a %s, and not certainly', (prefix, type) => {
  for (const [backbone, controlNet, kind] of [
    ['sd1/backbone/diffusers', 'sd1/controlnet/diffusers', 'unet'],
    ['sd3/backbone/diffusers', 'sd3/inpaint/controlnet/diffusers', 'transformer'],
  ] as const) {
    const identity = identify(tensorTable(underPrefix(prefix, middle(common(backbone, controlNet)))));
    const components = [type === 'controlnet' ? type : kind];
    expect(identity).toMatchObject({ type, components, confidence: 'medium' });
  }
});

it('text encoders that a cut file does not tell apart are all named, and none is taken', () => {
  const alike = pick(common('t5-xl/text-encoder/transformers', 'mt5-xl/text-encoder/transformers'), (name) =>
    /block\.(?:[2-9]|2\d)\./.test(name),
  );
  const { type, components, confidence, problems } = identify(tensorTable(alike));
  expect({ type, components, confidence }).toEqual({ type: 'text-encoder', components: [], confidence: 'medium' });
  expect(problems.join()).toMatch(/t5-xl.*mt5-xl.*pile-t5-xl/);
});

it.each(['t5-xl', 'mt5-xl', 'pile-t5-xl'])('%s whole is certain', (network) => {
  const identity = identify(tensorTable(shapesOf(`${network}/text-encoder/transformers`)));
  expect(identity).toMatchObject({ type: 'text-encoder', components: [network], confidence: 'certain' });
});

it.each(['stable-audio/vae/diffusers', 'stable-audio/vae/original'])(
  '%s has layers called alpha, which are no mark of a quantiser',
  (id) => {
    const shapes = shapesOf(id);
    const { coverage, ...whole } = identify(tensorTable(shapes));
    expect(whole).toMatchObject({ type: 'vae', base: 'stable-audio', confidence: 'certain' });
    expect(coverage).toMatchObject({ total: Object.keys(shapes).length, missing: 0 });
    const few = Object.entries(shapes).filter(([name]) => /\.alpha$|\.bias$/.test(name) && skeletonOf(name) !== name);
    const cut = identify(tensorTable(Object.fromEntries(few.slice(0, 12))));
    expect(cut).toMatchObject({ type: 'vae', base: 'stable-audio' });
  },
);

it.each([1, 2])('the depth model of SD 2.x alone is named, and is of no type, whole or one part in %i', (parts) => {
  const shapes = Object.entries(shapesOf('sd2/dpt-hybrid/depth/other/original'));
  const identity = identify(tensorTable(Object.fromEntries(shapes.filter((_, place) => place % parts === 0))));
  expect(identity).toMatchObject({ type: 'unknown', base: 'unknown', components: ['dpt-hybrid'] });
});
