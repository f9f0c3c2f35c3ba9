import type { Template } from '../templates/index.ts';

/** Networks that have a tensor: one object for each combination, so that tensors are counted by combination. */
export type TemplateSet = ReadonlySet<Template>;

export const NO_TEMPLATES: TemplateSet = new Set();

const known = new Map<string, TemplateSet>();

/** The set of these templates: the same object for the same templates in the same order. */
export function internTemplates(templates: readonly Template[]): TemplateSet {
  if (templates.length === 0) return NO_TEMPLATES;
  const key = templates.map(({ id }) => id).join(' ');
  let set = known.get(key);
  if (set === undefined) {
    set = new Set(templates);
    known.set(key, set);
  }
  return set;
}

/** How often each template is in these sets, which are there so many times each. */
export function countTemplates(sums: ReadonlyMap<TemplateSet, number>): Map<Template, number> {
  const counts = new Map<Template, number>();
  for (const [set, count] of sums)
    for (const template of set) counts.set(template, (counts.get(template) ?? 0) + count);
  return counts;
}
