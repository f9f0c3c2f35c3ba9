import { describe, expect, it } from 'vitest';
import { BASE_IDS } from '#scanner/bases/index.ts';
import {
  keysLike,
  keysOf,
  keysOfModulesLike,
  MADE_WITH,
  numberSetHas,
  skeletonOf,
  skeletons,
  TEMPLATES,
  type Template,
} from '#scanner/templates/index.ts';

function template(id: string): Template {
  const found = TEMPLATES.find((each) => each.id === id);
  if (found === undefined) throw new Error(`No template is called ${id}.`);
  return found;
}

describe('templates', () => {
  it('are of bases that are known', () => {
    const bases: readonly (string | null)[] = [...BASE_IDS, null];
    expect(TEMPLATES.filter(({ base }) => !bases.includes(base))).toEqual([]);
  });

  it('say what they were made with', () => {
    expect(MADE_WITH.diffusers).toMatch(/^\d+\.\d+/);
  });

  it('have ids of their own and as many tensors as they say', () => {
    expect(new Set(TEMPLATES.map(({ id }) => id)).size).toBe(TEMPLATES.length);
    const counts = new Map<Template, number>();
    for (const skeleton of skeletons()) {
      for (const { template: each, numbers } of keysLike(skeleton)) {
        const size = numbers.reduce((product, set) => product * sizeOf(set), 1);
        counts.set(each, (counts.get(each) ?? 0) + size);
      }
    }
    expect(TEMPLATES.filter((each) => counts.get(each) !== each.tensors)).toEqual([]);
  });

  it('know the names of published models with their shapes', () => {
    const sdxl = keysOf(template('sdxl/backbone/diffusers'));
    expect(sdxl.size).toBe(1680);
    expect(sdxl.get('down_blocks.2.attentions.1.transformer_blocks.9.attn2.to_k.weight')).toEqual([1280, 2048]);
    expect(sdxl.get('add_embedding.linear_1.weight')).toEqual([1280, 2816]);
    expect(sdxl.has('down_blocks.0.attentions.0.norm.weight')).toBe(false);
  });

  it('are found by any name of theirs, and not by a number that they lack', () => {
    const having = (name: string) => {
      const numbers = [...name.matchAll(/\d+/g)].map(Number);
      return keysLike(skeletonOf(name))
        .filter((key) => key.numbers.every((set, place) => numberSetHas(set, numbers[place] ?? -1)))
        .map((key) => key.template.id);
    };
    expect(having('single_transformer_blocks.37.attn.to_q.weight')).toContain('flux1/dev/backbone/diffusers');
    expect(having('single_transformer_blocks.38.attn.to_q.weight')).not.toContain('flux1/dev/backbone/diffusers');
    expect(having('no.such.name')).toEqual([]);
  });

  it('are found by every name, and by every module as adapters write it', () => {
    const byModule = new Map<string, ReturnType<typeof keysLike>[number][]>();
    for (const skeleton of skeletons()) {
      const keys = keysLike(skeleton);
      expect(keys.length, skeleton).toBeGreaterThan(0);
      if (!skeleton.endsWith('.weight')) continue;
      const name = skeleton.slice(0, -'.weight'.length).replaceAll('.', '_').toLowerCase();
      byModule.set(name, [...(byModule.get(name) ?? []), ...keys]);
    }
    for (const [name, keys] of byModule) expect(keysOfModulesLike(name), name).toEqual(keys);
    expect(keysOfModulesLike('no_such_module')).toEqual([]);
  });
});

function sizeOf(set: readonly (readonly [number, number])[]): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
