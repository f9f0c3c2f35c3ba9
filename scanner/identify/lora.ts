import { splitAdapterName } from '../adapters/index.ts';
import { BASE_IDS, BASES, baseRecord, type KnownBase, type LoraMark, UNET_LAYER } from '../bases/index.ts';
import { UNDETERMINED } from './apply-classes.ts';
import type { KeyIndex } from './key-index.ts';
import { rememberByWidths } from './lora-module-names.ts';
import { type LoraModule, listLoraModules } from './lora-modules.ts';
import { summariseLora } from './lora-summary.ts';
import { type AdapterCoverage, matchAdapter } from './match-adapter.ts';
import type { Confidence, Coverage, Evidence, LoraSummary } from './types.ts';

export interface LoraMatch {
  base: KnownBase;
  variant: string | null;
  algorithm: string;
  confidence: Confidence;
  components: string[];
  evidence: Evidence[];
  problems: string[];
  lora: LoraSummary;
  /** All bases that have the layers, where there are several. */
  candidates?: KnownBase[];
  coverage?: Coverage;
}

/** A mark in the records, and whose it is. */
export interface LoraRow extends LoraMark {
  base: KnownBase;
}

/** Backbone layers in the order to test them. The first row that any layer fits decides. */
/** The marks of all bases in the order to test them. The first that any layer fits decides. */
export const LORA_ROWS: readonly LoraRow[] = [true, undefined].flatMap((first) =>
  BASE_IDS.flatMap((base) =>
    (BASES[base].loraMarks ?? []).filter((mark) => mark.first === first).map((mark) => ({ base, ...mark })),
  ),
);

/** Where attention stands in the network, for a LoRA that changes nothing telling: SD 1.x and 2.x, or SDXL. */
const POSITION_ROWS: readonly { sdxl: boolean; path: RegExp }[] = [
  { sdxl: false, path: /^(?:down_blocks_0_attentions|up_blocks_2_attentions|up_blocks_3_|down_blocks_3_)/ },
  { sdxl: false, path: /^(?:input_blocks_[12]_1_|output_blocks_(?:[6-9]|1[01])_1_)/ },
  { sdxl: true, path: /^up_blocks_0_attentions/ },
  { sdxl: true, path: /^output_blocks_[012]_1_/ },
];

const PARTS: Readonly<Record<LoraModule['part'], string>> = {
  unet: 'backbone-lora',
  te: 'text-encoder-lora',
  te1: 'text-encoder-lora',
  te2: 'text-encoder-2-lora',
  te3: 'text-encoder-3-lora',
  te4: 'text-encoder-4-lora',
};

/** Whether at least half of a file's tensors are parts of an adapter: of IA3's, each other one is. */
export function isMostlyAdapter(keys: KeyIndex): boolean {
  const { names } = keys;
  let parts = 0;
  for (const [place, name] of names.entries()) {
    if (splitAdapterName(name)?.kind != null) parts += 1;
    if (parts * 2 >= names.length) return true;
    if ((parts + names.length - place - 1) * 2 < names.length) return false;
  }
  return false;
}

/** A LoRA of any kind, or undefined. */
export function matchLora(keys: KeyIndex, readTensor?: (name: string) => Float32Array | null): LoraMatch | undefined {
  const modules = listLoraModules(keys);
  const [first] = modules;
  if (first === undefined) return undefined;

  const algorithm = nameAlgorithm(modules);
  const decided = weighNetworks(modules, findBase(modules, keys));
  return {
    base: decided.base,
    variant: decided.variant,
    algorithm: algorithm.name,
    confidence: decided.confidence,
    components: [
      ...new Set(modules.map(({ part }) => PARTS[part])),
      ...(keys.count('bundle_emb.') > 0 ? ['embedding'] : []),
    ],
    evidence: [
      { field: 'type', source: 'weights', detail: keys.describeTensor(first.sample) },
      { field: 'algorithm', source: 'weights', detail: keys.describeTensor(algorithm.sample) },
      ...decided.evidence,
    ],
    problems: decided.problems,
    lora: summariseLora(modules, keys, readTensor),
    ...(decided.candidates === undefined ? {} : { candidates: decided.candidates }),
    ...(decided.coverage === undefined ? {} : { coverage: decided.coverage }),
  };
}

/** DoRA is said before the algorithm it changes; a pair with convolutions is a LoCon; else what most layers are. */
function nameAlgorithm(modules: readonly LoraModule[]): { name: string; sample: string } {
  const dora = modules.find(({ decomposed }) => decomposed);
  if (dora !== undefined) return { name: 'dora', sample: dora.sample };

  const counts = new Map<string, number>();
  for (const { algorithm } of modules) counts.set(algorithm, (counts.get(algorithm) ?? 0) + 1);
  const [name] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['lora'];
  const convolution = modules.find((module) => module.algorithm === 'lora' && module.convolution);
  if (name === 'lora' && convolution !== undefined) return { name: 'locon', sample: convolution.sample };
  return { name, sample: modules.find(({ algorithm }) => algorithm === name)?.sample ?? '' };
}

type Decision = Pick<
  LoraMatch,
  'base' | 'variant' | 'confidence' | 'evidence' | 'problems' | 'candidates' | 'coverage'
>;

/** Below this share of an adapter's layers a network says nothing of it. */
const TELLING = 0.8;
/** From this share on, what is left over are layers that trainers added. */
const WHOLE = 0.95;

/**
 * What all networks say of the layers, beside the rules made by hand. Networks decide where they explain the file; what
 * several bases share, and what rules and networks disagree on, is never certain.
 */
function weighNetworks(modules: readonly LoraModule[], ruled: Decision): Decision {
  const doubtful: Decision = ruled.confidence === 'certain' ? { ...ruled, confidence: 'high' } : ruled;
  const match = matchAdapter(modules);
  const explained = match?.best[0]?.explained ?? 0;
  if (match === undefined || explained < TELLING * match.modules) return doubtful;

  const bases = withEncoders(modules, basesOf(match.best));
  const coverage: Coverage = {
    unit: 'layers',
    total: match.modules,
    explained,
    missing: 0,
    // Of several bases each is as good as the next.
    runnerUp: bases.length > 1 ? explained : match.runnerUp,
  };
  // Trainers change all blocks or some: a network that has no others is likelier than one with more.
  const fullest = match.best.filter(({ share }) => share >= WHOLE && share === match.best[0]?.share);
  const whole = basesOf(fullest).filter((base) => bases.includes(base));
  const likely = whole.length > 0 ? whole : bases;
  const base = likely.length === 1 ? (likely[0] ?? 'unknown') : chooseAmong(likely, ruled.base);
  if (base === 'unknown') {
    const shared = { evidence: [...doubtful.evidence, sharedBy(bases)], candidates: bases, coverage };
    // Rules look at a few layers; what all of them are not in is no choice.
    const isOpen = !bases.includes(doubtful.base) && explained >= WHOLE * match.modules;
    if (doubtful.base !== 'unknown' && !isOpen) return { ...doubtful, ...shared };
    const guess = commonOf(likely);
    return {
      base: guess ?? 'unknown',
      variant: null,
      confidence: 'low',
      evidence: [sharedBy(bases)],
      problems: guess === undefined ? [describeAmbiguity(bases.map(labelOf))] : [],
      candidates: bases,
      coverage,
    };
  }
  const agrees = ruled.base === base || ruled.base === 'unknown';
  const hasWidths = modules.some(({ part, input }) => part === 'unet' && input !== undefined);
  const isCertain = bases.length === 1 && agrees && hasWidths && explained >= WHOLE * match.modules;
  const own = match.best.filter(({ template }) => template.base === base);
  const ownFullest = fullest.filter(({ template }) => template.base === base);
  const variants = new Set((ownFullest.length > 0 ? ownFullest : own).map(({ template }) => template.variant));
  const [variant = null] = variants.size === 1 ? variants : [];
  const others = bases.filter((other) => other !== base);
  return {
    base,
    variant: ruled.base === base ? (ruled.variant ?? variant) : variant,
    confidence: isCertain ? 'certain' : likely.length === 1 ? 'high' : 'medium',
    evidence: [
      ...(ruled.base === base ? ruled.evidence : []),
      {
        field: 'base',
        source: 'weights',
        detail: `${explained} of ${match.modules} layers have the names${hasWidths ? ' and widths' : ''} of ${labelOf(base)}`,
      },
      ...(others.length === 0 ? [] : [sharedBy(others)]),
      ...(others.length > 0 && likely.length === 1 ? [countedBy(base)] : []),
    ],
    problems: ruled.base === base ? ruled.problems : [],
    ...(bases.length === 1 ? {} : { candidates: bases }),
    coverage,
  };
}

/** Text encoders by the width of their layers. */
const ENCODERS: ReadonlyMap<number, readonly string[]> = new Map([
  [768, ['clip-l']],
  [1024, ['openclip-h', 'clip-h']],
  [1280, ['openclip-g', 'clip-g']],
]);

/** Of several bases those that read with the text encoders which the adapter changes; all where none does. */
function withEncoders(modules: readonly LoraModule[], bases: KnownBase[]): KnownBase[] {
  if (bases.length < 2) return bases;
  const widths = new Set(
    modules.flatMap(({ part, path, input }) => (part !== 'unet' && /self_attn/.test(path) ? [input] : [])),
  );
  const changed = [...widths].flatMap((width) => (width === undefined ? [] : [ENCODERS.get(width) ?? []]));
  const fitting = bases.filter((base) => {
    const read = baseRecord(base)?.textEncoders.flat() ?? [];
    return changed.every((names) => names.length === 0 || names.some((name) => read.includes(name)));
  });
  return fitting.length > 0 ? fitting : bases;
}

function sharedBy(bases: readonly KnownBase[]): Evidence {
  return { field: 'base', source: 'weights', detail: `the same layers are in ${bases.map(labelOf).join(', ')}` };
}

function countedBy(base: KnownBase): Evidence {
  return { field: 'base', source: 'weights', detail: `only ${labelOf(base)} has no more layers of these kinds` };
}

function basesOf(coverages: readonly AdapterCoverage[]): KnownBase[] {
  return [...new Set(coverages.flatMap(({ template }) => template.base ?? []))];
}

function describeAmbiguity(labels: readonly string[]): string {
  const last = labels.at(-1) ?? '';
  return `The LoRA changes only layers that ${labels.slice(0, -1).join(', ')} and ${last} have in common, ${UNDETERMINED}`;
}

function labelOf(base: KnownBase): string {
  return baseRecord(base)?.label ?? base;
}

/** Of bases with the same layers the one that rules tell, or the one whose adapters are those of all the others. */
function chooseAmong(bases: readonly KnownBase[], ruled: KnownBase): KnownBase {
  if (bases.includes(ruled)) return ruled;
  const parent = bases.find((base) =>
    bases.every((other) => other === base || baseRecord(base)?.sameAdaptersAs?.some((same) => same === other)),
  );
  return parent ?? 'unknown';
}

/** The one of these that most adapters with such layers are made for. */
function commonOf(bases: readonly KnownBase[]): KnownBase | undefined {
  const [common, other] = bases.filter((base) => baseRecord(base)?.common === true);
  return other === undefined ? common : undefined;
}

/** The place of the first row that a layer fits; their number where it fits none. */
const firstRowOf = rememberByWidths(({ path, input, output }: LoraModule): number => {
  const place = LORA_ROWS.findIndex(
    (row) =>
      row.layers.test(path) &&
      (row.input === undefined || (input !== undefined && row.input.includes(input))) &&
      (row.output === undefined || (output !== undefined && row.output.includes(output))),
  );
  return place < 0 ? LORA_ROWS.length : place;
});

function findBase(modules: readonly LoraModule[], keys: KeyIndex): Decision {
  const backbone = modules.filter(({ part }) => part === 'unet');
  const decide = (
    base: KnownBase,
    confidence: Confidence,
    module: LoraModule,
    variant: string | null = null,
  ): Decision => ({
    base,
    variant,
    confidence,
    evidence: [{ field: 'base', source: 'weights', detail: keys.describeTensor(module.sample) }],
    problems: [],
  });

  let first: { place: number; module: LoraModule } | undefined;
  for (const module of backbone) {
    const place = firstRowOf(module);
    if (place < (first?.place ?? LORA_ROWS.length)) first = { place, module };
  }
  const row = LORA_ROWS[first?.place ?? LORA_ROWS.length];
  if (first !== undefined && row !== undefined)
    return decide(row.base, row.confidence ?? 'certain', first.module, row.variant ?? null);
  return findBaseOfText(modules, decide) ?? findBaseByPosition(backbone, decide) ?? undecided(modules, keys);
}

type Decide = (base: KnownBase, confidence: Confidence, module: LoraModule) => Decision;

function findBaseOfText(modules: readonly LoraModule[], decide: Decide): Decision | undefined {
  const te2 = modules.find(({ part, input }) => part === 'te2' && input === 1280);
  if (te2 !== undefined && !modules.some(({ part }) => part === 'te3')) return decide('sdxl', 'high', te2);

  const te = modules.find(({ part, path }) => part === 'te' && /self_attn/.test(path));
  if (te?.input === 768) return decide('sd1', 'high', te);
  if (te?.input === 1024) return decide('sd2', 'high', te);
  return undefined;
}

function findBaseByPosition(backbone: readonly LoraModule[], decide: Decide): Decision | undefined {
  for (const row of POSITION_ROWS) {
    const module = backbone.find(({ path }) => row.path.test(path));
    if (module === undefined) continue;
    if (row.sdxl) return decide('sdxl', 'medium', module);
    // Kinds of adapters without a down half do not tell a convolution from a matrix.
    const projection = backbone.find(({ path, rank }) => /proj_in$/.test(path) && rank !== undefined);
    if (projection !== undefined) return decide(projection.rank4 ? 'sd1' : 'sd2', 'medium', projection);
    return undefined;
  }
  return undefined;
}

function undecided(modules: readonly LoraModule[], keys: KeyIndex): Decision {
  const family = modules.some(({ path }) => UNET_LAYER.test(path));
  const evidence: Evidence[] = [];
  if (family) {
    const sample = modules.find(({ path }) => UNET_LAYER.test(path))?.sample ?? '';
    evidence.push({
      field: 'base',
      source: 'weights',
      detail: `${keys.describeTensor(sample)} matches more than one base model`,
    });
  }
  return {
    base: 'unknown',
    variant: null,
    confidence: 'low',
    evidence,
    problems: [family ? describeAmbiguity(['SD 1.x', 'SD 2.x', 'SDXL']) : 'The layers match no known base model.'],
    ...(family ? { candidates: ['sd1', 'sd2', 'sdxl'] } : {}),
  };
}
