import { cut, entriesOf, type Metadata, readJson, readText } from './read-entry.ts';

/** A model in a family tree of merges. */
export interface MergeNode {
  /** SHA-256 where the recipe has it, else the name; `this` for the file itself. */
  id: string;
  name: string | null;
  /** SHA-256, 64 hexadecimal digits, or null where only a name is known. */
  sha256: string | null;
  /** AutoV1, where it is recorded. */
  autov1: string | null;
  /** How it was made of its parents; null where nothing is recorded. */
  method: string | null;
}

export interface MergeEdge {
  from: string;
  to: string;
  role: 'primary' | 'secondary' | 'tertiary' | 'lora' | 'vae' | 'parent';
  /** The share of this parent in a weighted sum, or its LoRA weight; null where the method has none. */
  share: number | null;
}

export interface MergeGraph {
  nodes: MergeNode[];
  edges: MergeEdge[];
}

const MAX_NODES = 200;
const MAX_TEXT = 200;
const PARENTS = [
  ['primary', 'primary_model_hash', 'model_a'],
  ['secondary', 'secondary_model_hash', 'model_b'],
  ['tertiary', 'tertiary_model_hash', 'model_c'],
] as const;

/**
 * The models that a file was merged from, and theirs, as far as recipes are folded into its metadata: `sd_merge_recipe`
 * and `sd_merge_models` of AUTOMATIC1111 (`modules/extras.py`) and supermerger, else the names of
 * `modelspec.merged_from`. Null where no merge is recorded; a recipe with one parent and no interpolation is a
 * conversion. Circles and more than 200 models, which no real recipe has, are cut off.
 */
export function readMergeGraph(metadata: Metadata): MergeGraph | null {
  const recipe = readJson(metadata, 'sd_merge_recipe');
  if (entriesOf(recipe).length > 0) return isMerge(recipe) ? unfold(recipe, metadata) : null;
  const names = readText(metadata, 'modelspec.merged_from')?.split(',') ?? [];
  const parents = [...new Set(names.map((name) => cut(name.trim(), MAX_TEXT)))].filter((name) => name !== '');
  if (parents.length === 0) return null;
  const nodes = parents.slice(0, MAX_NODES).map((name) => ({ ...newNode(name), name }));
  return {
    nodes: [{ ...newNode('this'), method: 'merge' }, ...nodes],
    edges: nodes.map(({ id }) => ({ from: id, to: 'this', role: 'parent', share: null })),
  };
}

function isMerge(recipe: unknown): boolean {
  const parents = parentsOf(recipe).length;
  return parents > 1 || (parents === 1 && text(recipe, 'interp_method') !== 'No interpolation');
}

function unfold(recipe: unknown, metadata: Metadata): MergeGraph {
  const known = new Map(
    entriesOf(readJson(metadata, 'sd_merge_models')).map(([hash, model]) => [hash.toLowerCase(), model]),
  );
  const graph: MergeGraph = { nodes: [{ ...newNode('this'), method: methodOf(recipe) }], edges: [] };
  const done = new Set(['this']);
  const open: { id: string; recipe: unknown }[] = [{ id: 'this', recipe }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const { id, role, share } of parentsOf(next.recipe)) {
      const isNew = !done.has(id);
      if (isNew && graph.nodes.length >= MAX_NODES) continue;
      graph.edges.push({ from: id, to: next.id, role, share: share ?? shareOf(next.recipe, role) });
      if (!isNew) continue;
      done.add(id);
      const model = known.get(id);
      const own = fieldOf(model, 'sd_merge_recipe');
      graph.nodes.push({
        ...newNode(id),
        name: text(model, 'name') ?? (isSha256(id) ? null : id),
        sha256: isSha256(id) ? id : null,
        autov1: text(model, 'legacy_hash'),
        method: own === undefined || own === null ? null : methodOf(own),
      });
      open.push({ id, recipe: own });
    }
  }
  return graph;
}

interface Parent {
  id: string;
  role: MergeEdge['role'];
  /** Where the recipe has it next to the parent. */
  share: number | null;
}

function parentsOf(recipe: unknown): Parent[] {
  const models = PARENTS.flatMap(([role, hashKey, nameKey]): Parent[] => {
    const id = text(recipe, hashKey)?.toLowerCase() ?? text(recipe, nameKey);
    return id === null || id === undefined ? [] : [{ id, role, share: null }];
  });
  return [...models, ...addedTo(recipe)];
}

/** LoRAs and autoencoders, in the entries that Weighhouse adds to a recipe. */
function addedTo(recipe: unknown): Parent[] {
  const loras = fieldOf(recipe, 'loras');
  const parents = (Array.isArray(loras) ? loras.slice(0, MAX_NODES) : []).flatMap((lora: unknown): Parent[] => {
    const id = text(lora, 'hash')?.toLowerCase();
    const weight = fieldOf(lora, 'weight');
    return id === undefined ? [] : [{ id, role: 'lora', share: typeof weight === 'number' ? weight : null }];
  });
  const vae = text(recipe, 'vae_hash')?.toLowerCase();
  return vae === undefined ? parents : [...parents, { id: vae, role: 'vae', share: null }];
}

function methodOf(recipe: unknown): string | null {
  return text(recipe, 'interp_method') ?? text(recipe, 'mode') ?? text(recipe, 'type');
}

/** In a weighted sum the multiplier is the share of the second model. */
function shareOf(recipe: unknown, role: string): number | null {
  if (!/^weight(?:ed)? sum/i.test(methodOf(recipe) ?? '')) return null;
  const share = Number(fieldOf(recipe, 'multiplier') ?? fieldOf(recipe, 'weights_alpha') ?? Number.NaN);
  if (!Number.isFinite(share)) return null;
  return role === 'primary' ? 1 - share : role === 'secondary' ? share : null;
}

function fieldOf(value: unknown, key: string): unknown {
  return entriesOf(value).find(([name]) => name === key)?.[1];
}

function text(value: unknown, key: string): string | null {
  const found = fieldOf(value, key);
  return typeof found === 'string' && found.trim() !== '' && found !== 'None' ? cut(found.trim(), MAX_TEXT) : null;
}

function isSha256(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

function newNode(id: string): MergeNode {
  return { id, name: null, sha256: null, autov1: null, method: null };
}
