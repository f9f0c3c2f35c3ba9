import type { KnownBase } from '../bases/index.ts';
import { keysLike, numberSetHas, skeletonOf, type Template } from '../templates/index.ts';
import type { KeyIndex } from './key-index.ts';
import { isBeside } from './precision.ts';
import { countTemplates, internTemplates, NO_TEMPLATES, type TemplateSet } from './template-sets.ts';

/** How well the tensors under one prefix are those of a network. */
export interface NetworkMatch {
  prefix: string;
  template: Template;
  /** The name of one of its tensors, with the prefix. */
  example: string;
  /** Tensors under the prefix, without what quantisers keep next to them. */
  names: number;
  /** Those of them that the network has, the shape included. */
  explained: number;
  /** Shapes were compared: they cannot be where several numbers are packed into one. */
  hasShapes: boolean;
  /** Tensors of the network that the file lacks. */
  missing: number;
  /** All networks that explain as much and lack as little, `template` among them. */
  best: readonly Template[];
  /** Networks that the tensors do not tell apart: the best, and where the file is cut, all that explain as much. */
  open: readonly Template[];
  /** Bases of other networks that explain as much. */
  rivals: readonly KnownBase[];
  /** What the best network of another base explains. */
  runnerUp: number;
}

/** Where a tensor stands: behind which prefix a network has its name, and which have its shape, too. */
interface Place {
  prefix: string;
  named: TemplateSet;
  explained: TemplateSet;
}

/** A part in front of the network's own names: no more than this many words. */
const MAX_WORDS = 7;
/** The same names come in file after file. */
const MAX_PLACES = 40_000;
const places = new Map<string, Place | null>();

/** A network is told by at least so many tensors, or by most of those it has. */
const MIN_TENSORS = 8;
const MOST = 0.9;
/** From this share on, what is left over are buffers that some versions keep and others do not. */
export const WHOLE = 0.95;

/** Buffers of training and marks of predictions: parts of no network. */
const LOOSE =
  /^(?:model_ema\.|betas$|alphas_cumprod|sqrt_|log_one_minus|posterior_|logvar$|v_pred$|ztsnr$|edm_|denoiser\.|lora_|.*\.lora_)/;

interface Group {
  example: string;
  names: number;
  isQuantised: boolean;
  named: Map<TemplateSet, number>;
  explained: Map<TemplateSet, number>;
}

/**
 * Every network in a file, by all its tensors: which one explains most of the names under a prefix, with their shapes, and
 * which others do as well. The largest first. Networks of which a file has hardly anything are left out.
 */
export function matchNetworks(keys: KeyIndex): NetworkMatch[] {
  const groups = new Map<string, Group>();
  const unplaced: string[] = [];
  let front = '';
  for (const name of keys.names) {
    const isWeight = name.endsWith('.weight') || name.endsWith('.bias');
    // Some autoencoders have layers with an `alpha` of their own.
    if (!isWeight && isBeside(name) && placeBehind(front, name, keys.shape(name) ?? []) === null) {
      const group = groups.get(front);
      if (group !== undefined) group.isQuantised = true;
      continue;
    }
    const place = findPlace(name, keys.shape(name) ?? [], front);
    if (place === null) {
      unplaced.push(name);
      continue;
    }
    front = place.prefix;
    let group = groups.get(front);
    if (group === undefined) {
      group = { example: name, names: 0, isQuantised: false, named: new Map(), explained: new Map() };
      groups.set(front, group);
    }
    group.names += 1;
    group.named.set(place.named, (group.named.get(place.named) ?? 0) + 1);
    group.explained.set(place.explained, (group.explained.get(place.explained) ?? 0) + 1);
  }
  for (const name of unplaced) {
    const prefix = LOOSE.test(name) ? undefined : prefixOf(name, groups);
    const group = prefix === undefined ? undefined : groups.get(prefix);
    if (group !== undefined) group.names += 1;
  }
  return [...groups].flatMap(([prefix, group]) => judge(prefix, group) ?? []).sort((a, b) => b.explained - a.explained);
}

/** The longest prefix of a group that a name begins with. */
function prefixOf(name: string, groups: ReadonlyMap<string, Group>): string | undefined {
  let longest: string | undefined;
  for (const prefix of groups.keys())
    if (name.startsWith(prefix) && prefix.length >= (longest?.length ?? 0)) longest = prefix;
  return longest;
}

function findPlace(name: string, shape: readonly number[], front: string): Place | null {
  const key = `${name} ${shape.join('x')}`;
  let place = places.get(key);
  if (place !== undefined && (place === null || place.prefix === front || !name.startsWith(front))) return place;
  place = (name.startsWith(front) ? placeBehind(front, name, shape) : null) ?? searchPlace(name, shape);
  if (places.size >= MAX_PLACES) places.clear();
  places.set(key, place);
  return place;
}

function searchPlace(name: string, shape: readonly number[]): Place | null {
  let start = 0;
  let word = '';
  for (let words = 0; words < MAX_WORDS; words += 1) {
    const place = placeBehind(name.slice(0, start), name, shape);
    if (place !== null) return place;
    const dot = name.indexOf('.', start);
    if (dot < 0) return null;
    const before = word;
    word = name.slice(start, dot);
    // Parts of a pipeline are numbered in two programs; elsewhere a number is a place in a network.
    if (/^\d+$/.test(word) && before !== 'embedders' && before !== 'te') return null;
    start = dot + 1;
  }
  return null;
}

function placeBehind(prefix: string, name: string, shape: readonly number[]): Place | null {
  const rest = name.slice(prefix.length);
  const keys = keysLike(skeletonOf(rest));
  if (keys.length === 0) return null;
  const numbers = rest.match(/\d+/g) ?? [];
  const named = keys.filter(({ numbers: sets }) => sets.every((set, at) => numberSetHas(set, Number(numbers[at]))));
  if (named.length === 0) return null;
  const explained = named.filter((one) => isSame(one.shape, shape));
  return {
    prefix,
    named: internTemplates(named.map(({ template }) => template)),
    explained: explained.length === 0 ? NO_TEMPLATES : internTemplates(explained.map(({ template }) => template)),
  };
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function judge(prefix: string, group: Group): NetworkMatch | undefined {
  let counts = countTemplates(group.explained);
  let explained = Math.max(0, ...counts.values());
  let hasShapes = true;
  // Quantisers that pack several numbers into one leave no shape to compare; those that only scale keep all.
  if (group.isQuantised && explained < MOST * group.names) {
    hasShapes = false;
    counts = countTemplates(group.named);
    explained = Math.max(0, ...counts.values());
  }
  if (explained === 0) return undefined;

  const ties = [...counts].flatMap(([template, count]) => (count === explained ? [template] : []));
  const least = Math.min(...ties.map(({ tensors }) => tensors));
  const best = ties.filter(({ tensors }) => tensors === least);
  const [template] = best;
  const isTold = explained >= MIN_TENSORS || explained >= MOST * least;
  if (template === undefined || !isTold || explained < MOST * group.names) return undefined;
  const bases = new Set(best.map(({ base }) => base));
  const rivals = new Set(ties.flatMap(({ base }) => (base === null || bases.has(base) ? [] : [base])));
  const missing = least - explained;
  let runnerUp = 0;
  for (const [other, count] of counts) if (!bases.has(other.base) && count > runnerUp) runnerUp = count;
  const { example } = group;
  // What a cut file lacks may be what tells it from another network.
  const open = missing <= (1 - WHOLE) * least ? best : ties;
  const shown = { prefix, template, example, names: group.names, explained, hasShapes, missing, best, open };
  return { ...shown, rivals: [...rivals], runnerUp };
}
