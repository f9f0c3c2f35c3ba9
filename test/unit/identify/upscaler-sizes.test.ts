import { describe, expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { keysOf, skeletonOf, TEMPLATES } from '#scanner/templates/index.ts';
import { type Shapes, tensorTable, underPrefix } from '../../fixtures/tensor-table.ts';

// Stacks of layers with a handful of names are told by their numbers alone.
const MIN_KINDS = 8;
const upscalers = TEMPLATES.filter(({ part }) => part === 'upscaler').filter(
  (template) => new Set([...keysOf(template).keys()].map(skeletonOf)).size >= MIN_KINDS,
);

/** The network with other widths and more blocks than its template has. */
function resize(shapes: Iterable<[string, readonly number[]]>): Shapes {
  const wider = [...shapes].map(([name, shape]): [string, readonly number[]] => [
    name,
    shape.map((side) => (side >= 16 ? side * 3 : side)),
  ]);
  const more = wider
    .filter(([name]) => /\.0\./.test(name))
    .map(([name, shape]): [string, readonly number[]] => [name.replace('.0.', '.40.'), shape]);
  return Object.fromEntries([...wider, ...more]);
}

describe('upscalers of sizes that no template has', () => {
  it('are many', () => expect(upscalers.length).toBeGreaterThan(40));

  it.each(upscalers)('$id', (template) => {
    const shapes = resize(keysOf(template));
    for (const prefix of ['', 'params_ema.', 'params.', 'state_dict.', 'module.']) {
      const { type, base, confidence } = identify(tensorTable(underPrefix(prefix, shapes)));
      expect({ type, base }, prefix).toEqual({ type: 'upscaler', base: 'unknown' });
      expect(confidence, prefix).not.toBe('certain');
    }
  });

  it('are not seen in a file that is mostly something else', () => {
    const [template] = upscalers;
    if (template === undefined) throw new Error('There are no upscalers.');
    const shapes = resize(keysOf(template));
    const others = Object.keys(shapes).map((_, place): [string, number[]] => [`other.part${place}.data`, [3, 3]]);
    expect(identify(tensorTable({ ...shapes, ...Object.fromEntries(others) })).type).toBe('unknown');
  });
});
