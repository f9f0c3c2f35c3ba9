import type { BaseId } from '../bases/index.ts';
import data from './data.json' with { type: 'json' };
import { eachNumber, type NumberSet, parseNumberSet } from './number-set.ts';

/** Which part of a pipeline a network is. */
export type TemplatePart =
  | 'backbone'
  | 'vae'
  | 'text-encoder'
  | 'image-encoder'
  | 'controlnet'
  | 't2i-adapter'
  | 'ip-adapter'
  | 'motion-module'
  | 'upscaler'
  | 'other';

/** Whose names a network's tensors have. */
export type TemplateNaming =
  | 'diffusers'
  | 'transformers'
  | 'transformers-nested'
  | 'original'
  | 'open-clip'
  | 'spandrel';

/** One network in one naming, as the code of the field builds it. */
export interface Template {
  /** `flux1/dev/backbone/diffusers`. */
  id: string;
  /** Null for text encoders and upscalers, which many bases share. */
  base: BaseId | null;
  variant: string | null;
  part: TemplatePart;
  /** Which text encoder (`clip-l`, `t5-xxl`…) or which architecture of an upscaler; null where the base says it. */
  network: string | null;
  naming: TemplateNaming;
  /** How many tensors it has. */
  tensors: number;
}

/** What a template says of all names that are alike up to their numbers. */
export interface TemplateKey {
  template: Template;
  /** Which numbers may stand in each place. */
  numbers: readonly NumberSet[];
  shape: readonly number[];
}

/** Versions of the libraries that the templates were made with. */
export const MADE_WITH: Readonly<Record<string, string>> = data.made;

export const TEMPLATES = data.templates as readonly Template[];

/** `skeleton line`, sorted. A table of them would take longer to make than a file has questions for. */
const LINES: readonly string[] = data.keys;
/** Places in `LINES` of all weights, sorted by the name of their module. */
const MODULES: readonly number[] = data.modules;
/** What was asked before, also where there is nothing: the same few hundred names come again and again. */
const parsed = new Map<string, readonly TemplateKey[]>();
const parsedModules = new Map<string, readonly TemplateKey[]>();
const MAX_PARSED = 20_000;
const NO_KEYS: readonly TemplateKey[] = [];
const WEIGHT = '.weight';

/** A name with `#` in place of every number, by which templates are looked up. */
export function skeletonOf(name: string): string {
  return name.replace(/\d+/g, '#');
}

/** All names of all templates, with `#` in place of their numbers. */
export function skeletons(): string[] {
  return LINES.map(skeletonIn);
}

/** What templates say of names that are `skeleton` once their numbers are `#`. */
export function keysLike(skeleton: string): readonly TemplateKey[] {
  return remember(parsed, skeleton, () => {
    const wanted = `${skeleton} `;
    const line = LINES[firstFrom(LINES.length, (place) => (LINES[place] ?? '') >= wanted)];
    return line?.startsWith(wanted) ? parseLine(line) : NO_KEYS;
  });
}

/** The same for the weights of modules as kohya and LyCORIS write them: small letters, underscores for dots. */
export function keysOfModulesLike(skeleton: string): readonly TemplateKey[] {
  return remember(parsedModules, skeleton, () => {
    const lineAt = (place: number) => LINES[MODULES[place] ?? -1] ?? '';
    const found: TemplateKey[] = [];
    for (
      let place = firstFrom(MODULES.length, (one) => moduleIn(lineAt(one)) >= skeleton);
      place < MODULES.length && moduleIn(lineAt(place)) === skeleton;
      place += 1
    )
      found.push(...parseLine(lineAt(place)));
    return found;
  });
}

function remember(
  known: Map<string, readonly TemplateKey[]>,
  skeleton: string,
  find: () => readonly TemplateKey[],
): readonly TemplateKey[] {
  let keys = known.get(skeleton);
  if (keys === undefined) {
    keys = find();
    // Names that no network has can be any.
    if (known.size >= MAX_PARSED) known.clear();
    known.set(skeleton, keys);
  }
  return keys;
}

/** The first of `count` places for which it is true, as it is for all behind it; `count` where there is none. */
function firstFrom(count: number, isBehind: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function skeletonIn(line: string): string {
  return line.slice(0, line.indexOf(' '));
}

function moduleIn(line: string): string {
  return skeletonIn(line).slice(0, -WEIGHT.length).replaceAll('.', '_').toLowerCase();
}

function parseLine(line: string): TemplateKey[] {
  return line
    .slice(line.indexOf(' ') + 1)
    .split(' ')
    .flatMap(parseEntry);
}

/** Reads `0-2,7@0-18/1=3072x64`: templates, numbers in each place, shape. */
function parseEntry(text: string): TemplateKey[] {
  const at = text.indexOf('@');
  const equals = text.indexOf('=', at);
  const placesText = text.slice(at + 1, equals);
  const shapeText = text.slice(equals + 1);
  const numbers = placesText === '' ? [] : placesText.split('/').map(parseNumberSet);
  const shape = shapeText === '' ? [] : shapeText.split('x').map(Number);
  return [...eachNumber(parseNumberSet(text.slice(0, at)))].map((place) => {
    const template = TEMPLATES[place];
    if (template === undefined) throw new Error(`No template has the number ${place}.`);
    return { template, numbers, shape };
  });
}

/** Every tensor of a template, by name. Puts thousands of names together: for tests and lists of what is missing. */
export function keysOf(template: Template): Map<string, readonly number[]> {
  const all = new Map<string, readonly number[]>();
  for (const [skeleton, key] of keysByTemplate().get(template) ?? []) {
    for (const name of namesOf(skeleton.split('#'), key.numbers)) all.set(name, key.shape);
  }
  return all;
}

/** The kinds of names that a template has: with `#` in place of every number. */
export function skeletonsOf(template: Template): ReadonlySet<string> {
  return new Set((keysByTemplate().get(template) ?? []).map(([skeleton]) => skeleton));
}

let byTemplate: Map<Template, [skeleton: string, key: TemplateKey][]> | undefined;

function keysByTemplate(): Map<Template, [skeleton: string, key: TemplateKey][]> {
  if (byTemplate === undefined) {
    byTemplate = new Map(TEMPLATES.map((template) => [template, []]));
    for (const line of LINES) {
      const skeleton = skeletonIn(line);
      for (const key of parseLine(line)) byTemplate.get(key.template)?.push([skeleton, key]);
    }
  }
  return byTemplate;
}

function namesOf(pieces: readonly string[], numbers: readonly NumberSet[]): string[] {
  let names = [pieces[0] ?? ''];
  for (const [place, set] of numbers.entries()) {
    const piece = pieces[place + 1] ?? '';
    names = names.flatMap((name) => [...eachNumber(set)].map((number) => `${name}${number}${piece}`));
  }
  return names;
}
