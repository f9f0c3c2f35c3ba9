import { baseRecord, MODEL_TYPE_LABELS, type ModelType } from '../bases/index.ts';
import type { TemplatePart } from '../templates/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import { UNDETERMINED } from './apply-classes.ts';
import { createIdentity, isWholeModel } from './create-identity.ts';
import { describeCheckpoint } from './describe-checkpoint.ts';
import type { KeyIndex } from './key-index.ts';
import type { NetworkMatch } from './match-networks.ts';
import type { Evidence, IdentifyHints, Identity } from './types.ts';
import { doubt, type Weighed, weighBase } from './weigh-networks.ts';

interface NetworkContext {
  /** What the rules made by hand say. */
  ruled: Identity;
  matches: readonly NetworkMatch[];
  keys: KeyIndex;
  table: TensorTable;
  hints: IdentifyHints;
}

/** What a file is whose largest network is known: the network decides, and rules add what they know of the same. */
export function describeNetworks(main: NetworkMatch, context: NetworkContext): Identity {
  const { ruled } = context;
  const weighed = weighBase(main, ruled);
  const parts = new Set(main.open.map((one) => one.part));
  if (parts.size > 1) return describeOpenPart(main, weighed, ruled, parts);
  const { part, network } = main.template;
  const networks = [...new Set(main.open.map((one) => one.network))];
  const isOne = networks.length === 1;
  switch (part) {
    case 'backbone':
      return describeBackbone(main, weighed, context);
    case 'vae':
      return describeVae(weighed, ruled);
    case 'text-encoder':
    case 'image-encoder': {
      const confidence = isOne ? (main.missing === 0 ? 'certain' : 'high') : 'medium';
      const evidence = weighed.evidence.slice(0, 1).map((one): Evidence => ({ ...one, field: 'type' }));
      const { coverage } = weighed;
      const components = isOne && network !== null ? [network] : [];
      const problems = isOne
        ? []
        : [`These tensors are in ${networks.join(', ')}: what is missing would tell which it is.`];
      return createIdentity({ type: part, components, confidence, evidence, coverage, problems });
    }
    case 'upscaler': {
      const evidence = weighed.evidence.slice(0, 1).map((one): Evidence => ({ ...one, field: 'type' }));
      const variant = isOne ? network : (ruled.variant ?? null);
      return createIdentity({ type: 'upscaler', variant, confidence: 'high', evidence, coverage: weighed.coverage });
    }
    case 'other': {
      const confidence = doubt(ruled, context.keys, main.prefix);
      if (ruled.type !== 'unknown' || !isOne || network === null) return { ...ruled, confidence };
      const evidence = weighed.evidence.map((one): Evidence => ({ ...one, field: 'type' }));
      return createIdentity({
        type: 'unknown',
        components: [network],
        confidence,
        evidence,
        coverage: weighed.coverage,
      });
    }
    default: {
      if (ruled.type === part && ruled.base === weighed.base)
        return { ...ruled, ...weighed, evidence: [...ruled.evidence, ...weighed.evidence] };
      const evidence: Evidence[] = weighed.evidence.slice(0, 1).map((one) => ({ ...one, field: 'type' }));
      return createIdentity({
        type: part,
        components: [part],
        ...weighed,
        evidence: [...evidence, ...weighed.evidence],
      });
    }
  }
}

/** Prefixes that say which part of a model stands behind them. */
const PART_PREFIXES: readonly (readonly [RegExp, TemplatePart])[] = [
  [/(?:^|\.)(?:diffusion_model|unet|transformer|net)\.$/, 'backbone'],
  [/(?:^|\.)(?:control_model|controlnet)\.$/, 'controlnet'],
];

/**
 * A cut file with tensors that networks of several parts have: a ControlNet begins as the network that it steers. Its
 * prefix or the rules tell which it is; else its type stays open.
 */
function describeOpenPart(
  main: NetworkMatch,
  weighed: Weighed,
  ruled: Identity,
  parts: ReadonlySet<TemplatePart>,
): Identity {
  const behind = PART_PREFIXES.find(([prefix]) => prefix.test(main.prefix))?.[1];
  // Where a ControlNet and its network have all tensors of the file, a rule has seen none that tells.
  const mayRule = behind === undefined && (main.explained < main.names || !parts.has('controlnet'));
  const told = [...parts].find(
    (part) => part === behind || (mayRule && (part === 'backbone' ? isWholeModel(ruled) : part === ruled.type)),
  );
  const { coverage, evidence } = weighed;
  if (told === undefined || told === 'other') {
    const labels = [...parts].map((part) => MODEL_TYPE_LABELS[typeOf(part)]).sort();
    const problem = `${labels.join(' or ')}: each has these tensors, and what tells them apart is missing.`;
    return createIdentity({ type: 'unknown', evidence, coverage, problems: [problem] });
  }
  const type = typeOf(told);
  const isSame = ruled.type === type || (told === 'backbone' && isWholeModel(ruled));
  const own = isSame ? ruled : createIdentity({ type, components: [told === 'backbone' ? kindOf(main) : type] });
  return { ...own, ...weighed, confidence: 'medium', evidence: [...own.evidence, ...evidence] };
}

function kindOf({ open }: NetworkMatch): 'unet' | 'transformer' {
  return open.some(({ base }) => baseRecord(base ?? 'unknown')?.network.kind === 'unet') ? 'unet' : 'transformer';
}

function typeOf(part: TemplatePart): ModelType {
  if (part === 'backbone') return 'diffusion-model';
  return part === 'other' ? 'unknown' : part;
}

function describeBackbone(
  main: NetworkMatch,
  weighed: Weighed,
  { ruled, matches, keys, table, hints }: NetworkContext,
): Identity {
  const isWhole = isWholeModel(ruled);
  if (weighed.base === 'unknown') {
    const shared = {
      confidence: weighed.confidence,
      evidence: [...ruled.evidence, ...weighed.evidence],
      ...(weighed.candidates === undefined ? {} : { candidates: weighed.candidates }),
      coverage: weighed.coverage,
    };
    return isWhole
      ? { ...ruled, ...shared }
      : createIdentity({ type: 'diffusion-model', components: ['transformer'], ...shared });
  }
  const others = componentsOf(matches.filter((one) => !isInside(one, main)));
  if (isWhole && ruled.base === weighed.base) {
    const components = [...new Set([...ruled.components, ...others])];
    const isComplete = components.some(
      (one) => one !== 'unet' && one !== 'transformer' && one !== 'ema' && one !== 'lora',
    );
    return {
      ...ruled,
      ...weighed,
      type: isComplete && others.length > 0 ? 'checkpoint' : ruled.type,
      components,
      evidence: [...ruled.evidence, ...weighed.evidence],
    };
  }
  const record = baseRecord(weighed.base);
  const details = weighed.evidence.map(({ detail }) => detail);
  const { predictions = [] } = record ?? {};
  const described = describeCheckpoint(
    {
      kind: record?.network.kind === 'unet' ? 'unet' : 'transformer',
      layout: record?.network.kind !== 'unet' ? null : main.template.naming === 'diffusers' ? 'diffusers' : 'ldm',
      prefix: main.prefix,
      base: weighed.base,
      variant: weighed.variant,
      prediction: predictions.length === 1 && predictions[0] !== undefined ? predictions[0] : undefined,
      baseEvidence: details,
      variantEvidence: [],
      problems: [],
      sd2Probe: undefined,
    },
    keys,
    table,
    hints,
  );
  return {
    ...described,
    type: others.length > 0 ? 'checkpoint' : described.type,
    components: [...new Set([...described.components, ...others])],
    confidence: weighed.confidence,
    ...(weighed.candidates === undefined ? {} : { candidates: weighed.candidates }),
    coverage: weighed.coverage,
  };
}

/** Some backbones have the layers of a text encoder, under its names: no part of their own. */
function isInside({ example, prefix }: NetworkMatch, backbone: NetworkMatch): boolean {
  return backbone.prefix.startsWith(prefix) && backbone.prefix !== '' && example.startsWith(backbone.prefix);
}

/** What a file holds besides its backbone, by networks. */
function componentsOf(matches: readonly NetworkMatch[]): string[] {
  return matches.flatMap(({ template: { part, network } }) => {
    if (part === 'vae') return ['vae'];
    return (part === 'text-encoder' || part === 'image-encoder') && network !== null ? [network] : [];
  });
}

/** VAEs that several bases take have no base of their own. */
function describeVae(weighed: Weighed, ruled: Identity): Identity {
  // Rules look at the channels of the latent space, which many have; a network that alone has all tensors says more.
  if (ruled.type === 'vae' && ruled.base === weighed.base) {
    const confidence = ruled.base === 'unknown' ? ruled.confidence : weighed.confidence;
    return {
      ...ruled,
      variant: ruled.variant ?? weighed.variant,
      confidence,
      evidence: [...ruled.evidence, ...weighed.evidence],
      ...(weighed.candidates === undefined ? {} : { candidates: weighed.candidates }),
      coverage: weighed.coverage,
    };
  }
  const evidence: Evidence[] = weighed.evidence.slice(0, 1).map((one) => ({ ...one, field: 'type' }));
  const identity = createIdentity({
    type: 'vae',
    components: ['vae'],
    ...weighed,
    variant: weighed.variant ?? (ruled.type === 'vae' ? ruled.variant : null),
    evidence: [...evidence, ...weighed.evidence],
  });
  if (weighed.base === 'unknown' && weighed.candidates !== undefined)
    identity.problems.push(
      `VAEs of ${weighed.candidates.map((base) => baseRecord(base)?.label ?? base).join(', ')} have the same shapes, ${UNDETERMINED}`,
    );
  return identity;
}
