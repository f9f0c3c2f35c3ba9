import { keysLike, skeletonOf, skeletonsOf, type Template } from '../templates/index.ts';
import type { KeyIndex } from './key-index.ts';

/** An upscaler told by its names. */
export interface UpscalerMatch {
  /** The architecture; null where several have these names. */
  network: string | null;
  evidence: string;
}

/** Where training programs keep the weights that are used; averaged ones first. */
const PREFIXES = ['params_ema.', 'params.', 'state_dict.', 'module.', 'generator.', 'model.', ''];
/** Fewer kinds of names are those of any stack of layers. */
const MIN_KINDS = 8;
const MOST = 0.9;
/** Parts that some sizes of an architecture leave out: other ways to enlarge, projections, a last block. */
const ENOUGH = 0.75;

/**
 * An upscaler of any size: widths and numbers of blocks differ from file to file, names and the number of sides do not.
 * Asked only of files that nothing else explains.
 */
export function matchUpscaler(keys: KeyIndex): UpscalerMatch | undefined {
  for (const prefix of PREFIXES) {
    if (prefix !== '' && keys.count(prefix) === 0) continue;
    const match = matchNames(keys.under(prefix), prefix);
    if (match !== undefined) return match;
  }
  return undefined;
}

function matchNames(keys: KeyIndex, prefix: string): UpscalerMatch | undefined {
  const names = new Map<Template, number>();
  const kinds = new Map<Template, Set<string>>();
  for (const name of keys.names) {
    const skeleton = skeletonOf(name);
    const sides = keys.shape(name)?.length ?? 0;
    const fitting = keysLike(skeleton).filter(({ template, shape }) => {
      return template.part === 'upscaler' && shape.length === sides;
    });
    for (const template of new Set(fitting.map((key) => key.template))) {
      names.set(template, (names.get(template) ?? 0) + 1);
      kinds.getOrInsertComputed(template, () => new Set()).add(skeleton);
    }
  }
  const told = [...names].filter(([template, count]) => {
    const found = kinds.get(template)?.size ?? 0;
    return count >= MOST * keys.names.length && found >= MIN_KINDS && found >= ENOUGH * skeletonsOf(template).size;
  });
  const most = Math.max(...told.map(([, count]) => count));
  const best = told.filter(([, count]) => count === most).map(([template]) => template);
  const least = Math.min(...best.map((template) => skeletonsOf(template).size));
  const networks = new Set(
    best.filter((template) => skeletonsOf(template).size === least).map(({ network }) => network),
  );
  const [network = null] = networks;
  if (networks.size === 0) return undefined;
  const behind = prefix === '' ? '' : ` behind ${prefix}`;
  return {
    network: networks.size === 1 ? network : null,
    evidence: `${most} of ${keys.names.length} tensors${behind} have the names of ${[...networks].join(', ')}, in other sizes`,
  };
}
