import { describe, expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { type Shapes, tensorTable, underPrefix } from '../../fixtures/tensor-table.ts';

/** FLUX.1's names, at the widths that tell it. */
function flux(doubles = 19, singles = 38): Shapes {
  const shapes: Shapes = { 'img_in.weight': [3072, 64], 'txt_in.weight': [3072, 4096] };
  for (let i = 0; i < doubles; i += 1) {
    for (const side of ['img', 'txt']) {
      const path = `double_blocks.${i}.${side}`;
      shapes[`${path}_attn.norm.key_norm.scale`] = [128];
      shapes[`${path}_attn.qkv.weight`] = [9216, 3072];
      shapes[`${path}_mlp.0.weight`] = [12288, 3072];
    }
  }
  for (let i = 0; i < singles; i += 1) shapes[`single_blocks.${i}.linear1.weight`] = [21504, 3072];
  return shapes;
}
const without = (shapes: Shapes, ...patterns: RegExp[]): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !patterns.some((pattern) => pattern.test(name))));
const missing = (shapes: Shapes) => identify(tensorTable(shapes)).missingTensors;

describe('the blocks of a transformer', () => {
  it('lack nothing where all are alike, whatever their number', () => {
    expect(identify(tensorTable(flux()))).toMatchObject({ base: 'flux1', missingTensors: { count: 0, names: [] } });
    expect(missing(flux(8, 38)).count).toBe(0);
  });

  it.each(['', 'model.diffusion_model.'])('lack by name what the others have, under "%s"', (prefix) => {
    const cut = without(flux(), /^double_blocks\.7\.img_attn\.qkv/, /^single_blocks\.37\./);
    // Of the last block nothing tells that it was there.
    expect(missing(underPrefix(prefix, cut))).toEqual({ count: 1, names: ['double_blocks.7.img_attn.qkv.weight'] });
  });

  it('lack a whole block in the middle, and the list of names is no longer than people read', () => {
    expect(missing(without(flux(), /^double_blocks\.[34]\./)).names).toHaveLength(12);
    const holes = missing(without(flux(19, 200), /^single_blocks\.\d*[13]\./));
    expect([holes.count, holes.names.length]).toEqual([40, 40]);
    expect(missing(without(flux(19, 400), /^single_blocks\.\d*[135]\./))).toMatchObject({ count: 120 });
    expect(missing(without(flux(19, 400), /^single_blocks\.\d*[135]\./)).names).toHaveLength(50);
  });

  it('lack nothing that quantisers keep beside some of them, nor what few of them have', () => {
    const shapes = flux();
    for (let i = 0; i < 15; i += 1) shapes[`double_blocks.${i}.img_attn.qkv.scale_weight`] = [];
    for (let i = 0; i < 9; i += 1) shapes[`double_blocks.${i}.extra.weight`] = [4];
    expect(missing(shapes).count).toBe(0);
  });

  it('may be of several kinds in SD 3, whose last block has less', () => {
    const shapes: Shapes = { 'joint_blocks.0.context_block.attn.qkv.weight': [4608, 1536] };
    for (let i = 0; i < 24; i += 1) {
      shapes[`joint_blocks.${i}.x_block.attn.qkv.weight`] = [4608, 1536];
      if (i < 23) shapes[`joint_blocks.${i}.context_block.attn.proj.weight`] = [1536, 1536];
    }
    expect(identify(tensorTable(shapes))).toMatchObject({ base: 'sd3', missingTensors: { count: 0 } });
  });

  it('with numbers beyond all reason make no list without end', () => {
    expect(missing({ ...flux(), 'double_blocks.4000000000.img_attn.qkv.weight': [1] }).count).toBe(0);
  });
});
