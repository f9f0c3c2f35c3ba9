import { baseRecord, type KnownBase } from '../bases/index.ts';
import type { Template } from '../templates/index.ts';
import { listUnetNames } from './expected-unet.ts';
import type { KeyIndex } from './key-index.ts';
import { type NetworkMatch, WHOLE } from './match-networks.ts';
import type { Confidence, Coverage, Evidence, Identity } from './types.ts';

/** What decides the type of a file that holds several networks comes first. */
const ORDER: readonly Template['part'][] = [
  'controlnet',
  't2i-adapter',
  'ip-adapter',
  'motion-module',
  'backbone',
  'vae',
  'text-encoder',
  'image-encoder',
  'upscaler',
  'other',
];

/** The network that decides the type of a file. */
export function mainOf(matches: readonly NetworkMatch[]): NetworkMatch | undefined {
  for (const part of ORDER) {
    const match = matches.find(({ template }) => template.part === part);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** What networks say of the base. */
export interface Weighed {
  base: KnownBase;
  variant: string | null;
  confidence: Confidence;
  evidence: Evidence[];
  candidates?: KnownBase[];
  coverage: Coverage;
}

/**
 * Says how sure a base is by what share of the file a network explains, what of it is missing, whether another base does
 * as well, and whether the rules made by hand agree. Networks decide; a disagreement is certain only where a network
 * has every tensor of the file, lacks none, and shapes were compared.
 */
export function weighBase(match: NetworkMatch, ruled: Pick<Identity, 'base' | 'variant' | 'confidence'>): Weighed {
  const { best, rivals, names, explained, hasShapes, missing, template, runnerUp } = match;
  const isWhole = missing <= (1 - WHOLE) * template.tensors;
  const ties = best.map(({ base }): KnownBase => base ?? 'unknown');
  const bases = [...new Set(isWhole ? ties : [...ties, ...rivals])];
  const base = bases.length === 1 ? (bases[0] ?? 'unknown') : chooseAmong(bases, ruled.base);
  // A rule looks at a few tensors; a network that has every one of a file's, and lacks none, is no question of rules.
  const isExact = hasShapes && missing === 0 && explained === names;
  const agrees = isExact || ruled.base === base || ruled.base === 'unknown';
  const isTold = isWhole || (ruled.base === base && ruled.confidence === 'certain');
  const isOne = bases.length === 1;
  const variants = new Set(best.flatMap((one) => ((one.base ?? 'unknown') === base ? [one.variant] : [])));
  const [variant = null] = variants.size === 1 ? variants : [];
  const lacks = missing === 0 ? '' : `, ${missing} of it are missing`;
  return {
    base,
    variant: ruled.base === base && ruled.variant !== null ? ruled.variant : variant,
    confidence: isOne && agrees && isTold && explained >= WHOLE * names ? 'certain' : isOne ? 'high' : 'medium',
    evidence: [
      {
        field: base === 'unknown' ? 'type' : 'base',
        source: 'weights',
        detail: `${explained} of ${names} tensors have the names and shapes of ${nameOf(match)}${lacks}`,
      },
      ...(bases.length === 1
        ? []
        : [
            { field: 'base', source: 'weights', detail: `these tensors are also in ${labelsOf(bases, base)}` } as const,
          ]),
    ],
    ...(bases.length === 1 ? {} : { candidates: bases }),
    coverage: { unit: 'tensors', total: names, explained, missing, runnerUp: isOne ? runnerUp : explained },
  };
}

function labelsOf(bases: readonly KnownBase[], without: KnownBase): string {
  return bases
    .filter((base) => base !== without)
    .map((base) => baseRecord(base)?.label ?? base)
    .join(', ');
}

function nameOf({ template: { base, variant, network, part } }: NetworkMatch): string {
  if (network !== null) return network;
  const label = baseRecord(base ?? 'unknown')?.label ?? 'unknown';
  return [label, ...(variant === null ? [] : [variant]), ...(part === 'backbone' ? [] : [part])].join(' ');
}

/** Of bases with the same tensors the one that rules tell. */
function chooseAmong(bases: readonly KnownBase[], ruled: KnownBase): KnownBase {
  return bases.includes(ruled) ? ruled : 'unknown';
}

/**
 * How sure a rule made by hand is where no network says the same: never certain, unless all names of the network are
 * those of its base.
 */
export function doubt(ruled: Identity, keys: KeyIndex, prefix: string): Confidence {
  if (ruled.confidence !== 'certain') return ruled.confidence;
  const expected = listUnetNames(ruled.base, prefix);
  if (expected === undefined) return 'high';
  const names = keys.under(prefix).names;
  const known = names.filter((name) => expected.has(prefix + name) || name.startsWith('label_emb.')).length;
  return known >= WHOLE * names.length ? 'certain' : 'high';
}
