import type { KnownBase } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import type { KeyIndex } from './key-index.ts';
import type { Confidence, Evidence } from './types.ts';

export interface SmallMatch {
  type: 'embedding' | 'hypernetwork';
  base: KnownBase;
  variant: string | null;
  confidence: Confidence;
  evidence: Evidence[];
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

function matchHypernetwork(keys: KeyIndex, table: TensorTable): SmallMatch | undefined {
  const widths = (table.pickle?.rootKeys ?? []).filter((key) => typeof key === 'number');
  const known = new Set([320, 640, 768, 1024, 1280]);
  if (widths.length === 0 || !widths.every((width) => known.has(width))) return undefined;
  const linear = keys.find(/^\d+\.\d+\.linear/);
  if (linear === undefined) return undefined;

  const base = widths.includes(768) ? 'sd1' : widths.includes(1024) ? 'sd2' : 'unknown';
  const detail = `root keys ${widths.join(', ')}; ${keys.describeTensor(linear)}`;
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

function matchEmbedding(keys: KeyIndex, table: TensorTable): SmallMatch | undefined {
  if (keys.has('clip_l') && keys.has('clip_g'))
    return embeddingOf(keys, 'clip_g', keys.has('t5') ? 'sd3' : 'sdxl', 'certain');
  if (keys.has('clip_l') && keys.has('t5')) return embeddingOf(keys, 'clip_l', 'flux1', 'certain');
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
