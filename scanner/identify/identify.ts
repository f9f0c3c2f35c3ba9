import { BASES, baseOfFileName, baseRecord, fineTuneOfFile, type ModelType } from '../bases/index.ts';
import type { FileSource } from '../source.ts';
import { readTensorTable, readTensorValues, type TensorTable } from '../tensors/index.ts';
import { applyClasses, UNDETERMINED } from './apply-classes.ts';
import { type Backbone, findBackbone } from './backbone.ts';
import { findAbsent, findMissing, findSurplus } from './contents.ts';
import { matchControl } from './control.ts';
import { matchLooseEmbedding, matchSmall } from './embedding.ts';
import { KeyIndex, matchRow } from './key-index.ts';
import { isMostlyAdapter, matchLora } from './lora.ts';
import { matchNetworks, type NetworkMatch } from './match-networks.ts';
import { matchUpscaler } from './match-upscaler.ts';
import { readMergeRecord, readStatedBase, readStatedFamily } from './metadata.ts';
import { measurePrecision } from './precision.ts';
import { findPrediction } from './prediction.ts';
import { findTextEncoders, matchEncoder } from './text-encoder.ts';
import type { Evidence, IdentifyHints, Identity } from './types.ts';
import { UPSCALER_ROWS } from './upscaler.ts';
import { findVae } from './vae.ts';
import { doubt, mainOf, type Weighed, weighBase } from './weigh-networks.ts';

/**
 * Says what a model file is, from the names and shapes of its tensors first. Metadata and the file name fill in only
 * what weights cannot tell; what nothing tells stays `unknown`.
 */
export function identify(table: TensorTable, hints: IdentifyHints = {}): Identity {
  const keys = KeyIndex.of(table);
  const identity = identifyWeights(keys, table, hints);
  Object.assign(identity, measurePrecision(table.tensors, table.metadata));
  if (table.refused.length > 0) {
    identity.problems.push(`${table.refused.length} tensors cannot be read, the first is "${table.refused[0]?.name}".`);
  }
  applyClasses(identity, [...(hints.classes ?? []), ...(hints.sidecars?.classes ?? [])]);
  applyStatedBase(identity, table, hints);
  applyFamily(identity, table, hints);
  const merge = readMergeRecord(table.metadata);
  if (merge !== null) {
    identity.merge = true;
    identity.evidence.push({ field: 'merge', source: 'metadata', detail: merge });
  }
  return identity;
}

/** Reads a file's tensor table, unless it is given, and identifies it, with the values of small tensors at hand. */
export function identifyFile(
  source: FileSource,
  hints: IdentifyHints = {},
  table: TensorTable = readTensorTable(source),
): Identity {
  const byName = new Map(table.tensors.map((tensor) => [tensor.name, tensor]));
  const readTensor = (name: string) => {
    const tensor = byName.get(name);
    return tensor === undefined ? null : readTensorValues(source, tensor);
  };
  return identify(table, { readTensor, ...hints });
}

/** Networks that stand beside the backbone of a checkpoint. */
const CHECKPOINT_PARTS: readonly NetworkMatch['template']['part'][] = ['text-encoder', 'image-encoder', 'vae'];

const isWholeModel = ({ type }: Identity) => type === 'checkpoint' || type === 'diffusion-model';

/** Special files before the backbones whose keys they contain, backbones before the adapters whose leftovers they carry. */
function identifyWeights(keys: KeyIndex, table: TensorTable, hints: IdentifyHints): Identity {
  const small = matchSmall(keys, table);
  if (small !== undefined) return createIdentity(small);
  const ruled = identifyByRules(keys, table, hints);
  // An adapter's layers are weighed with their widths, which its tensors do not show one by one.
  if (ruled.type === 'lora') return ruled;
  const matches = matchNetworks(keys);
  const main = mainOf(matches);
  // The parts of a checkpoint that are known say nothing of a backbone beside them that is not.
  const isCheckpointPart = main !== undefined && CHECKPOINT_PARTS.includes(main.template.part);
  const isOpen = main === undefined && (ruled.type === 'unknown' || ruled.type === 'upscaler');
  const upscaler = isOpen ? matchUpscaler(keys) : undefined;
  if (upscaler !== undefined) {
    const evidence: Evidence = { field: 'type', source: 'weights', detail: upscaler.evidence };
    const variant = upscaler.network ?? ruled.variant;
    return createIdentity({ type: 'upscaler', variant, confidence: 'high', evidence: [evidence] });
  }
  if (main === undefined || (isCheckpointPart && isWholeModel(ruled))) {
    const prefix = findBackbone(keys)?.prefix ?? '';
    return { ...ruled, confidence: doubt(ruled, keys, prefix) };
  }
  return describeNetworks(main, { ruled, matches, keys, table, hints });
}

interface NetworkContext {
  /** What the rules made by hand say. */
  ruled: Identity;
  matches: readonly NetworkMatch[];
  keys: KeyIndex;
  table: TensorTable;
  hints: IdentifyHints;
}

/** What a file is whose largest network is known: the network decides, and rules add what they know of the same. */
function describeNetworks(main: NetworkMatch, context: NetworkContext): Identity {
  const { part, network } = main.template;
  const { ruled } = context;
  const weighed = weighBase(main, ruled);
  const names = main.best.map((one) => one.network);
  switch (part) {
    case 'backbone':
      return describeBackbone(main, weighed, context);
    case 'vae':
      return describeVae(weighed, ruled);
    case 'text-encoder':
    case 'image-encoder': {
      const isOne = new Set(names).size === 1;
      const confidence = isOne && weighed.evidence.length > 0 && main.missing === 0 ? 'certain' : 'high';
      const evidence = weighed.evidence.slice(0, 1).map((one): Evidence => ({ ...one, field: 'type' }));
      const { coverage } = weighed;
      return createIdentity({
        type: part,
        components: network === null ? [] : [network],
        confidence,
        evidence,
        coverage,
      });
    }
    case 'upscaler': {
      const evidence = weighed.evidence.slice(0, 1).map((one): Evidence => ({ ...one, field: 'type' }));
      const isOne = new Set(names).size === 1;
      const variant = isOne ? network : (ruled.variant ?? null);
      return createIdentity({ type: 'upscaler', variant, confidence: 'high', evidence, coverage: weighed.coverage });
    }
    case 'other':
      return { ...ruled, confidence: doubt(ruled, context.keys, main.prefix) };
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
  if (ruled.type === 'vae' && (ruled.base === 'unknown' || ruled.base === weighed.base)) {
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
    evidence: [...evidence, ...weighed.evidence],
  });
  if (weighed.base === 'unknown' && weighed.candidates !== undefined)
    identity.problems.push(
      `VAEs of ${weighed.candidates.map((base) => baseRecord(base)?.label ?? base).join(', ')} have the same shapes, ${UNDETERMINED}`,
    );
  return identity;
}

function identifyByRules(keys: KeyIndex, table: TensorTable, hints: IdentifyHints): Identity {
  const control = matchControl(keys);
  if (control !== undefined) {
    const components = [control.type, ...(keys.count('model.diffusion_model.') > 0 ? ['unet'] : [])];
    return createIdentity({ ...control, components, confidence: control.base === 'unknown' ? 'medium' : 'certain' });
  }

  // Checkpoints may carry leftovers of adapters, and the names of an adapter begin like those of its network.
  const isAdapter = isMostlyAdapter(keys);
  const backbone = isAdapter ? undefined : findBackbone(keys);
  if (backbone !== undefined) return describeCheckpoint(backbone, keys, table, hints);

  const lora = matchLora(keys, hints.readTensor);
  if (lora !== undefined) return createIdentity({ type: 'lora', ...lora });

  const vae = findVae(keys);
  if (vae !== undefined) {
    const [detail = ''] = vae.evidence;
    const identity = createIdentity({
      type: 'vae',
      base: vae.base,
      variant: vae.variant,
      components: ['vae'],
      confidence: vae.base === 'unknown' ? 'medium' : 'certain',
      evidence: [{ field: 'type', source: 'weights', detail }],
    });
    if (vae.base !== 'unknown') identity.evidence.push({ field: 'base', source: 'weights', detail });
    else if (vae.shared !== null) identity.problems.push(`VAEs of ${vae.shared} have the same shapes, ${UNDETERMINED}`);
    return identity;
  }

  const encoder = matchEncoder(keys);
  if (encoder !== undefined) {
    return createIdentity({
      type: encoder.vision ? 'image-encoder' : 'text-encoder',
      components: [encoder.name],
      confidence: 'high',
      evidence: [{ field: 'type', source: 'weights', detail: encoder.evidence }],
    });
  }

  const upscaler = matchRow(UPSCALER_ROWS, keys);
  if (upscaler !== undefined) {
    return createIdentity({
      type: 'upscaler',
      variant: upscaler.row.variant ?? null,
      confidence: 'high',
      evidence: upscaler.evidence.map((detail) => ({ field: 'type', source: 'weights', detail })),
    });
  }

  const loose = matchLooseEmbedding(keys);
  return createIdentity(loose ?? { type: 'unknown' });
}

function createIdentity(known: Partial<Identity> & { type: ModelType }): Identity {
  return {
    base: 'unknown',
    variant: null,
    family: null,
    prediction: 'unknown',
    merge: false,
    components: [],
    absent: [],
    parameters: 0,
    precision: [],
    missingTensors: { count: 0, names: [] },
    surplusTensors: { count: 0, names: [] },
    confidence: 'low',
    problems: [],
    ...known,
    evidence: [...(known.evidence ?? [])],
  };
}

function describeCheckpoint(backbone: Backbone, keys: KeyIndex, table: TensorTable, hints: IdentifyHints): Identity {
  const vae = findVae(keys);
  const encoders = findTextEncoders(keys);
  const complete = vae !== undefined || encoders.length > 0;
  const prediction = findPrediction(backbone, keys, table, hints);
  const evidence: Evidence[] = [
    ...backbone.baseEvidence.slice(0, 1).map((detail): Evidence => ({ field: 'type', source: 'weights', detail })),
    ...(vae?.evidence.slice(0, 1) ?? []).map((detail): Evidence => ({ field: 'type', source: 'weights', detail })),
    ...encoders.map(({ evidence }): Evidence => ({ field: 'type', source: 'weights', detail: evidence })),
    ...prediction.evidence,
  ];
  if (backbone.base !== 'unknown') {
    evidence.push(...backbone.baseEvidence.map((detail): Evidence => ({ field: 'base', source: 'weights', detail })));
    evidence.push(
      ...backbone.variantEvidence.map((detail): Evidence => ({ field: 'variant', source: 'weights', detail })),
    );
  }

  const problems = [...backbone.problems, ...(prediction.problem === undefined ? [] : [prediction.problem])];
  const record = baseRecord(backbone.base);
  const expected = record?.singleFile === true ? record.textEncoders.at(-1) : undefined;
  const known = backbone.variant === 'unclip' || backbone.variant === 'alt-diffusion';
  if (expected && !known && encoders.length > 0 && !encoders.some(({ name }) => expected.includes(name))) {
    const found = encoders.map(({ name }) => name).join(', ');
    problems.push(
      `The diffusion model is ${backbone.base}, but the text encoder (${found}) belongs to another base model.`,
    );
  }

  const components = [
    backbone.kind,
    ...(vae === undefined ? [] : ['vae']),
    ...encoders.map(({ name }) => name),
    ...(keys.count('model_ema.') > 0 ? ['ema'] : []),
    ...(keys.count('depth_model.') > 0 ? ['depth-model'] : []),
    ...(keys.count('embedder.model.') > 0 ? ['image-encoder'] : []),
    ...(keys.find(/\.lora_(?:down|up|A|B)\.|\.hada_w1_a$/) === undefined ? [] : ['lora']),
  ];
  const isPlain = backbone.kind === 'unet' && backbone.layout === 'ldm' && PLAIN_VARIANTS.has(backbone.variant);
  const none = { count: 0, names: [] };
  const hasPlan = isPlain || backbone.kind === 'transformer';
  const missingTensors = hasPlan ? findMissing(keys, backbone.base, backbone.prefix) : none;
  const surplusTensors = findSurplus(keys, backbone.base, backbone.prefix, isPlain);
  return createIdentity({
    type: complete ? 'checkpoint' : 'diffusion-model',
    base: backbone.base,
    variant: backbone.variant ?? (backbone.kind === 'unet' && prediction.value === 'v' ? 'v-prediction' : null),
    prediction: prediction.value,
    components,
    absent: complete ? findAbsent(backbone.base, components) : [],
    missingTensors,
    surplusTensors,
    confidence: backbone.base === 'unknown' ? 'low' : 'certain',
    evidence,
    problems,
  });
}

/** Variants with all the layers of their base. */
const PLAIN_VARIANTS: ReadonlySet<string | null> = new Set([null, 'inpaint', 'pix2pix', 'depth', 'turbo']);

/** On architecture weights win, and a contradiction is shown. Where they leave it open, metadata counts, then notes, then the name. */
function applyStatedBase(identity: Identity, { metadata }: TensorTable, { filename, sidecars }: IdentifyHints): void {
  if (identity.type === 'unknown') return;
  const stated = readStatedBase(metadata);
  if (stated !== undefined) {
    const refines =
      identity.type === 'lora' && baseRecord(identity.base)?.sameAdaptersAs?.includes(stated.value) === true;
    const isCandidate = identity.type === 'lora' && identity.candidates?.includes(stated.value) === true;
    if (identity.base === 'unknown' || refines || isCandidate) {
      identity.confidence = isCandidate && identity.base === stated.value ? 'high' : 'medium';
      identity.base = stated.value;
      identity.evidence.push({ field: 'base', source: 'metadata', detail: stated.detail });
    } else if (stated.value !== identity.base) {
      identity.problems.push(
        `The metadata says ${stated.value} (${stated.detail}), but the weights are ${identity.base}.`,
      );
    }
    return;
  }
  const noted = sidecars?.base;
  if (noted !== undefined && identity.base !== 'unknown') {
    if (noted.value !== identity.base)
      identity.problems.push(
        `A companion file says ${noted.value} (${noted.detail}), but the model is ${identity.base}.`,
      );
    return;
  }
  if (noted !== undefined && OPEN_TYPES.has(identity.type)) {
    identity.base = noted.value;
    identity.confidence = 'medium';
    identity.evidence.push({ field: 'base', source: 'sidecar', detail: noted.detail });
    return;
  }
  const guess = filename === undefined || identity.base !== 'unknown' ? undefined : baseOfFileName(filename);
  if (guess !== undefined && filename !== undefined && OPEN_TYPES.has(identity.type)) {
    identity.base = guess;
    identity.confidence = 'low';
    identity.evidence.push({ field: 'base', source: 'filename', detail: filename });
  }
}

/** Types whose base may lie outside the weights. A network of an unknown kind is not made a known one by its name. */
const OPEN_TYPES: ReadonlySet<ModelType> = new Set(['lora', 'vae', 'embedding']);

/** Families share every shape, and anybody may call a file anything: only records and known bytes count. */
function applyFamily(identity: Identity, { metadata }: TensorTable, { sha256, sidecars }: IdentifyHints): void {
  if (identity.base === 'unknown' || BASES[identity.base].fineTunes === undefined) return;
  const known = sha256 === undefined ? undefined : fineTuneOfFile(sha256);
  const stated = readStatedFamily(metadata);
  if (known !== undefined) {
    identity.family = known.id;
    identity.evidence.push({ field: 'family', source: 'hash', detail: `the published file ${known.name}` });
  } else if (stated !== undefined) {
    identity.family = stated.value;
    identity.evidence.push({ field: 'family', source: 'metadata', detail: stated.detail });
  } else if (sidecars?.family !== undefined) {
    identity.family = sidecars.family.value;
    identity.evidence.push({ field: 'family', source: 'sidecar', detail: sidecars.family.detail });
  }
}
