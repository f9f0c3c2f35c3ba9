import { otherPathsOf } from '../adapters/index.ts';
import { keysOfModulesLike, numberSetHas, sizeOfNumberSet, skeletonOf, type Template } from '../templates/index.ts';
import { rememberByWidths } from './lora-module-names.ts';
import type { LoraModule } from './lora-modules.ts';
import { canonicalUnetName } from './module-names.ts';
import { countTemplates, internTemplates, type TemplateSet } from './template-sets.ts';

/** How well the layers that an adapter changes are those of one network. */
export interface AdapterCoverage {
  template: Template;
  /** Layers with a place in it, the widths included. */
  explained: number;
  /** The share that these are of all its layers with such names, 0 to 1: a number of blocks tells networks apart. */
  share: number;
}

export interface AdapterMatch {
  /** Layers of the backbone that were looked up. */
  modules: number;
  /** All networks that explain as many layers as any does, first those of which the adapter changes the most. */
  best: readonly AdapterCoverage[];
  /** Layers that the best network of another base explains. */
  runnerUp: number;
}

/** All networks that have a layer, its widths included, and its name there with `#` in place of every number. */
interface Owners {
  templates: TemplateSet;
  skeleton: string;
}

const ownersOf = rememberByWidths(findOwners);

/** What trainers write in place of the names of the networks' code. */
const SPELLINGS: readonly ((module: LoraModule) => readonly string[])[] = [
  ({ path }) => [path],
  ({ path }) => [path.replace('_processor_', '_').replace(/_to_out$/, '_to_out_0')],
  ({ path }) => [canonicalUnetName(path)],
  ({ name }) => otherPathsOf(name),
];

/**
 * Looks every layer of a backbone that an adapter changes up in all networks, in every naming, with its widths.
 * Undefined where no layer is known at all.
 */
export function matchAdapter(modules: readonly LoraModule[]): AdapterMatch | undefined {
  const sums = new Map<TemplateSet, number>();
  let looked = 0;
  for (const module of modules) {
    if (module.part !== 'unet') continue;
    looked += 1;
    const { templates } = ownersOf(module);
    sums.set(templates, (sums.get(templates) ?? 0) + 1);
  }
  const counts = countTemplates(sums);
  const most = Math.max(0, ...counts.values());
  if (most === 0) return undefined;
  const expected = countLayersLike(modules);
  const best = [...counts].flatMap(([template, explained]) =>
    explained === most ? [{ template, explained, share: explained / (expected.get(template) ?? explained) }] : [],
  );
  best.sort((a, b) => b.share - a.share);
  const bases = new Set(best.map(({ template }) => template.base));
  let runnerUp = 0;
  for (const [template, explained] of counts)
    if (!bases.has(template.base) && explained > runnerUp) runnerUp = explained;
  return { modules: looked, best, runnerUp };
}

/** How many layers networks have whose names are like those of these modules, whatever their widths. */
function countLayersLike(modules: readonly LoraModule[]): Map<Template, number> {
  const skeletons = new Set<string>();
  for (const module of modules) if (module.part === 'unet') skeletons.add(ownersOf(module).skeleton);
  const counts = new Map<Template, number>();
  for (const skeleton of skeletons)
    for (const { template, numbers } of keysOfModulesLike(skeleton)) {
      const names = numbers.reduce((product, set) => product * sizeOfNumberSet(set), 1);
      counts.set(template, (counts.get(template) ?? 0) + names);
    }
  return counts;
}

function* eachSpelling(module: LoraModule): Generator<string> {
  for (const spell of SPELLINGS) yield* spell(module);
}

function findOwners(module: LoraModule): Owners {
  const found = new Set<Template>();
  let named = '';
  for (const path of eachSpelling(module)) {
    const skeleton = skeletonOf(path);
    const keys = keysOfModulesLike(skeleton);
    if (keys.length === 0) continue;
    const numbers = path.match(/\d+/g) ?? [];
    for (const { template, numbers: sets, shape } of keys) {
      if (template.part !== 'backbone' || found.has(template) || !hasWidths(module, shape)) continue;
      if (sets.every((set, place) => numberSetHas(set, Number(numbers[place])))) found.add(template);
    }
    if (found.size > 0) {
      named = skeleton;
      break;
    }
  }
  return { templates: internTemplates([...found]), skeleton: named };
}

function hasWidths({ input, output }: LoraModule, shape: readonly number[]): boolean {
  return (input === undefined || input === (shape[1] ?? shape[0])) && (output === undefined || output === shape[0]);
}
