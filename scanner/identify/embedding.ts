import { BASE_IDS, BASES, type KnownBase } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import type { KeyIndex } from './key-index.ts';
import type { Confidence, Evidence } from './types.ts';

export interface SmallMatch {
  type: 'embedding' | 'hypernetwork';
  base: KnownBase;
  variant: string | null;
  confidence: Confidence;
  evidence: Evidence[];
  candidates?: KnownBase[];
}

/** Length of a token's vector → base. 1280 is the larger half of SDXL's pair. */
const VECTOR_BASES: ReadonlyMap<number, KnownBase> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [1280, 'sdxl'],
]);

/** A text encoder reads 77 tokens at once, so no embedding has as many vectors. */
const MAX_VECTORS = 77;

/** Embeddings and hypernetworks: few tensors, recognised by exact keys before anything else is tried. */
export function matchSmall(keys: KeyIndex, table: TensorTable): SmallMatch | undefined {
  return matchHypernetwork(keys, table) ?? matchEmbedding(keys, table);
}

/** Widths of the attention that hypernetworks change. */
const HYPERNETWORK_WIDTHS: ReadonlySet<number> = new Set([320, 640, 768, 1024, 1280]);
/** Width, keys or values, and place among the layers. */
const HYPERNETWORK_NAME = /^(\d+)\.[01]\.linear\.\d+\.(?:weight|bias)$/;

/** Pickles have the widths as numbers, safetensors files in front of every name. */
function hypernetworkWidths(keys: KeyIndex, table: TensorTable): number[] {
  const roots = (table.pickle?.rootKeys ?? []).filter((key) => typeof key === 'number');
  if (roots.length > 0) return roots;
  const widths = new Set<number>();
  for (const name of keys.names) {
    const width = HYPERNETWORK_NAME.exec(name)?.[1];
    if (width === undefined) return [];
    widths.add(Number(width));
  }
  // The first layer takes what the width says.
  return [...widths].every((width) => [0, 1].some((side) => keys.side(`${width}.${side}.linear.0.weight`, 1) === width))
    ? [...widths]
    : [];
}

function matchHypernetwork(keys: KeyIndex, table: TensorTable): SmallMatch | undefined {
  const widths = hypernetworkWidths(keys, table);
  if (widths.length === 0 || !widths.every((width) => HYPERNETWORK_WIDTHS.has(width))) return undefined;
  const linear = keys.find(/^\d+\.\d+\.linear/);
  if (linear === undefined) return undefined;

  const base = widths.includes(768) ? 'sd1' : widths.includes(1024) ? 'sd2' : 'unknown';
  const detail = `widths ${widths.join(', ')}; ${keys.describeTensor(linear)}`;
  return {
    type: 'hypernetwork',
    base,
    variant: null,
    confidence: base === 'unknown' ? 'medium' : 'certain',
    evidence: [
      { field: 'type', source: 'weights', detail },
      { field: 'base', source: 'weights', detail },
    ],
  };
}

/** Lists of vectors by the text encoder that reads them, as trainers name them: the encoder as bases name it. */
const VECTOR_LISTS: readonly (readonly [keys: readonly string[], encoder: string])[] = [
  [['clip_l'], 'clip-l'],
  [['clip_g'], 'clip-g'],
  [['t5xxl', 't5'], 't5-xxl'],
];

/** An embedding for several text encoders is for the bases that read just those. */
function matchListsOfVectors(keys: KeyIndex): SmallMatch | undefined {
  const lists = VECTOR_LISTS.flatMap(([names, encoder]) => {
    const name = names.find((one) => keys.has(one));
    return name === undefined ? [] : [{ name, encoder }];
  });
  if (lists.length < 2) return undefined;
  const bases = BASE_IDS.filter((id) => {
    const { textEncoders } = BASES[id];
    return (
      textEncoders.length === lists.length &&
      textEncoders.every((group) => lists.some(({ encoder }) => group.includes(encoder)))
    );
  });
  const name = lists.at(-1)?.name ?? '';
  const [base = 'unknown'] = bases;
  const match = embeddingOf(keys, name, base, bases.length === 1 ? 'certain' : 'medium');
  return bases.length < 2 ? match : { ...match, candidates: bases };
}

function matchEmbedding(keys: KeyIndex, table: TensorTable): SmallMatch | undefined {
  const several = matchListsOfVectors(keys);
  if (several !== undefined) return several;
  if (keys.names.length === 1 && keys.has('emb_params')) return embeddingOf(keys, 'emb_params', undefined, 'certain');
  if (table.pickle?.wrapper === 'string_to_param') return embeddingOf(keys, keys.names[0] ?? '', undefined, 'certain');
  return undefined;
}

/** A few short lists of vectors and nothing else: how diffusers saves an embedding. Asked last, for it fits by chance too. */
export function matchLooseEmbedding(keys: KeyIndex): SmallMatch | undefined {
  const isVectors = (name: string) => {
    const shape = keys.shape(name) ?? [];
    const size = shape.at(-1) ?? 0;
    return (
      (shape.length === 1 || (shape.length === 2 && (shape[0] ?? 0) < MAX_VECTORS)) &&
      (VECTOR_BASES.has(size) || size === 4096) &&
      !/\.(weight|bias|alpha)$/.test(name)
    );
  };
  const { names } = keys;
  if (names.length > 0 && names.length <= 9 && names.every(isVectors)) {
    return embeddingOf(keys, names[0] ?? '', undefined, 'medium');
  }
  return undefined;
}

function embeddingOf(keys: KeyIndex, name: string, base: KnownBase | undefined, confidence: Confidence): SmallMatch {
  const detail = keys.describeTensor(name);
  return {
    type: 'embedding',
    base: base ?? VECTOR_BASES.get(keys.side(name, -1) ?? 0) ?? 'unknown',
    variant: null,
    confidence,
    evidence: [
      { field: 'type', source: 'weights', detail },
      { field: 'base', source: 'weights', detail },
    ],
  };
}
