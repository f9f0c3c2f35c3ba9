import { expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { keysOf, TEMPLATES } from '#scanner/templates/index.ts';
import { tensorTable } from '../../fixtures/tensor-table.ts';

// The confusion matrix has every network; these are enough to show each way that a file is weighed.
const backbones = TEMPLATES.filter(({ part }, index) => part === 'backbone' && index % 7 === 0);

it.each(backbones)('$id is told from its tensors, behind any prefix', (template) => {
  const shapes = Object.fromEntries(
    [...keysOf(template)].map(([name, shape]) => [`model.diffusion_model.${name}`, shape]),
  );
  const { type, base, confidence, coverage, candidates = [] } = identify(tensorTable(shapes));
  expect(type).toBe('diffusion-model');
  const total = Object.keys(shapes).length;
  expect(coverage).toMatchObject({ unit: 'tensors', total, explained: total });
  // What is certain has no other base that does as well, unless that one has tensors which the file lacks.
  if (confidence === 'certain' && coverage?.runnerUp === total) expect(coverage.missing).toBe(0);
  if (candidates.length > 1) expect(coverage?.runnerUp).toBe(total);
  if (base !== template.base) {
    expect(confidence).not.toBe('certain');
    expect(candidates).toContain(template.base);
  }
});

it.each(backbones)('$id with half of its tensors is never wrong and certain', (template) => {
  const half = [...keysOf(template)].filter((_, index) => (index * 7919) % 13 < 6);
  const { base, confidence, coverage } = identify(tensorTable(Object.fromEntries(half)));
  if (confidence === 'certain') expect(base).toBe(template.base);
  if (base === template.base) expect(coverage?.missing).toBeGreaterThan(0);
});

it.each(['sd1/backbone/original', 'sd2/backbone/original', 'sd1/backbone/diffusers', 'sd2/backbone/diffusers'])(
  '%s is told by its shapes where numbers are scaled and not packed',
  (id) => {
    const template = TEMPLATES.find((one) => one.id === id);
    if (template === undefined) throw new Error(`There is no template ${id}.`);
    const shapes = [...keysOf(template)].flatMap(([name, shape]): [string, readonly number[]][] =>
      name.endsWith('.weight') && shape.length === 2
        ? [
            [name, shape],
            [name.replace(/weight$/, 'scale_weight'), []],
          ]
        : [[name, shape]],
    );
    const { base, confidence } = identify(tensorTable({ ...Object.fromEntries(shapes), scaled_fp8: [0] }));
    expect({ base, confidence }).toEqual({ base: template.base, confidence: 'certain' });
  },
);

it.each(['ltx-2/backbone/diffusers', 'hunyuan-video/backbone/original', 'allegro/backbone/diffusers'])(
  '%s is certain where every tensor is there, and not where one is of another shape',
  (id) => {
    const template = TEMPLATES.find((one) => one.id === id);
    if (template === undefined) throw new Error(`There is no template ${id}.`);
    const shapes = Object.fromEntries(keysOf(template));
    expect(identify(tensorTable(shapes))).toMatchObject({ base: template.base, confidence: 'certain' });
    // Rules that look at a few keys call these networks another base.
    const [name = ''] = Object.keys(shapes);
    const other = identify(tensorTable({ ...shapes, [name]: [3, 5, 7] }));
    expect(other).toMatchObject({ base: template.base });
    expect(other.confidence).not.toBe('certain');
  },
);

it.each(['model.', 'model.diffusion_model.', 'net.'])(
  'a network that has the layers of a text encoder is no checkpoint behind %s',
  (prefix) => {
    const template = TEMPLATES.find(({ id }) => id === 'cosmos3/backbone/diffusers');
    if (template === undefined) throw new Error('There is no template of Cosmos 3.');
    const shapes = Object.fromEntries([...keysOf(template)].map(([name, shape]) => [prefix + name, shape]));
    expect(identify(tensorTable(shapes))).toMatchObject({ type: 'diffusion-model', base: 'cosmos3' });
  },
);

const vaes = TEMPLATES.filter(({ part }) => part === 'vae');

it.each(vaes)('$id is of its base, or open between bases of which that is one', (template) => {
  for (const prefix of ['', 'vae.', 'first_stage_model.']) {
    const shapes = Object.fromEntries([...keysOf(template)].map(([name, shape]) => [prefix + name, shape]));
    const { type, base, candidates = [], problems } = identify(tensorTable(shapes));
    expect(type).toBe('vae');
    if (base === template.base) expect(problems).toEqual([]);
    else
      expect({ base, isListed: candidates.includes(template.base ?? 'unknown') }).toEqual({
        base: 'unknown',
        isListed: true,
      });
  }
});
