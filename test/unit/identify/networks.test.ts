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
  const { type, base, confidence, candidates = [] } = identify(tensorTable(shapes));
  expect(type).toBe('diffusion-model');
  if (base !== template.base) {
    expect(confidence).not.toBe('certain');
    expect(candidates).toContain(template.base);
  }
});

it.each(backbones)('$id with half of its tensors is never wrong and certain', (template) => {
  const half = [...keysOf(template)].filter((_, index) => (index * 7919) % 13 < 6);
  const { base, confidence } = identify(tensorTable(Object.fromEntries(half)));
  if (confidence === 'certain') expect(base).toBe(template.base);
});
