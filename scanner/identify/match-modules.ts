import { type AdapterNetwork, placeAdapterModule } from '../adapters/index.ts';
import { KeyIndex } from './key-index.ts';
import { type LoraModule, listLoraModules } from './lora-modules.ts';
import { canonicalUnetName, listTextLayers } from './module-names.ts';

/** Names and shapes of a file's tensors: its header is enough. */
export interface Header {
  tensors: readonly { name: string; shape: readonly number[] }[];
}

/** How much of an adapter finds its place in a checkpoint. */
export interface ModuleMatch {
  /** `compatible` from 95 % on, `partial` from 50 % on, `incompatible` below; `unknown` where nothing can be compared. */
  fit: 'compatible' | 'partial' | 'incompatible' | 'unknown';
  /** Layers that the adapter changes, in the networks that the checkpoint has. */
  compared: number;
  /** Those of them that the checkpoint has with the same widths. */
  matched: number;
  /** Share of the matched, 0 to 1; null where nothing can be compared. */
  share: number | null;
  /** Layers without a place, as the adapter names them; 50 at most. */
  missing: string[];
  /** Layers of text encoders that the checkpoint does not carry: they are left out of the share. */
  withoutNetwork: number;
}

const COMPATIBLE = 0.95;
const PARTIAL = 0.5;
const MAX_MISSING = 50;

/** What the names of a checkpoint's denoising network begin with. */
export const BACKBONES: readonly string[] = ['model.diffusion_model.', 'diffusion_model.', 'unet.', 'transformer.'];
/** What the names of a checkpoint's text encoders begin with, and which encoder that is. */
export const TEXT_ENCODERS: readonly (readonly [prefix: string, part: 'te1' | 'te2' | 'te3'])[] = [
  ['cond_stage_model.transformer.', 'te1'],
  ['cond_stage_model.model.', 'te1'],
  ['conditioner.embedders.0.transformer.', 'te1'],
  ['conditioner.embedders.0.model.', 'te1'],
  ['conditioner.embedders.1.model.', 'te2'],
  ['text_encoders.clip_l.transformer.', 'te1'],
  ['text_encoders.clip_g.transformer.', 'te2'],
  ['text_encoders.t5xxl.transformer.', 'te3'],
  ['text_encoder.', 'te1'],
  ['text_encoder_2.', 'te2'],
  ['text_encoder_3.', 'te3'],
];

type Layers = Map<string, readonly [output: number, input: number | undefined]>;

/**
 * Compares the layers that an adapter (a LoRA of any kind) changes with those of a checkpoint, by name and by width, in
 * the layouts of LDM, diffusers and OpenCLIP. Transformers other than UNets are compared where both files name their
 * layers alike.
 */
export function matchModules(adapter: Header, checkpoint: Header): ModuleMatch {
  const modules = listLoraModules(KeyIndex.of(adapter));
  const networks = listLayers(KeyIndex.of(checkpoint));
  const missing: string[] = [];
  let compared = 0;
  let matched = 0;
  let withoutNetwork = 0;
  for (const module of modules) {
    const layers = networks.get(module.part === 'te' ? 'te1' : module.part);
    if (layers === undefined) {
      withoutNetwork += 1;
      continue;
    }
    compared += 1;
    if (hasLayer(layers, module)) matched += 1;
    else if (missing.length < MAX_MISSING) missing.push(module.name);
  }
  const share = compared === 0 || hasNoCommonNames(modules, networks.get('unet')) ? null : matched / compared;
  return { fit: judge(share), compared, matched, share, missing, withoutNetwork };
}

function judge(share: number | null): ModuleMatch['fit'] {
  if (share === null) return 'unknown';
  if (share >= COMPATIBLE) return 'compatible';
  return share >= PARTIAL ? 'partial' : 'incompatible';
}

function hasLayer(layers: Layers, module: LoraModule): boolean {
  const layer = layers.get(nameOf(module));
  if (layer === undefined) return false;
  // Kinds that keep no widths (IA3, OFT) are compared by name.
  const sameInput = module.input === undefined || layer[1] === undefined || module.input === layer[1];
  return sameInput && (module.output === undefined || module.output === layer[0]);
}

/** Networks that adapters change: a lone text encoder is the first. */
export type ChangedNetwork = Exclude<AdapterNetwork, 'te'>;

/** The network and the layer that a module of an adapter stands for, by the module's name. */
export function placeOf(module: string): { network: ChangedNetwork; layer: string } {
  const { network: part, path } = placeAdapterModule(module);
  return { network: part === 'te' ? 'te1' : part, layer: nameOf({ part, path }) };
}

function nameOf({ part, path }: Pick<LoraModule, 'part' | 'path'>): string {
  return part === 'unet' ? canonicalUnetName(path) : path.replace('_processor_', '_');
}

/** True for two layouts of one transformer, whose layers are joined differently: no share would mean anything. */
function hasNoCommonNames(modules: readonly LoraModule[], backbone: Layers | undefined): boolean {
  const changed = modules.filter(({ part }) => part === 'unet');
  if (backbone === undefined || changed.length === 0) return false;
  const isUnet = (names: Iterable<string>) => {
    for (const name of names) if (/^(?:down|up|mid)_blocks?_/.test(name)) return true;
    return false;
  };
  if (isUnet(backbone.keys()) || isUnet(changed.map(nameOf))) return false;
  return !changed.some((module) => backbone.has(nameOf(module)));
}

function listLayers(keys: KeyIndex): Map<LoraModule['part'], Layers> {
  const networks = new Map<LoraModule['part'], Layers>();
  const prefix = BACKBONES.find((one) => keys.count(one) > 0);
  const hasText = TEXT_ENCODERS.some(([one]) => keys.count(one) > 0);
  if (prefix !== undefined || !hasText) networks.set('unet', listBackbone(keys.under(prefix ?? '')));
  for (const [start, part] of TEXT_ENCODERS) {
    if (keys.count(start) > 0) networks.set(part, listText(keys.under(start)));
  }
  return networks;
}

function listBackbone(keys: KeyIndex): Layers {
  const layers: Layers = new Map();
  for (const name of keys.names) {
    if (!name.endsWith('.weight')) continue;
    const [output = 0, input] = keys.shape(name) ?? [];
    layers.set(canonicalUnetName(name.slice(0, -'.weight'.length).replaceAll('.', '_').toLowerCase()), [output, input]);
  }
  return layers;
}

function listText(keys: KeyIndex): Layers {
  const layers: Layers = new Map();
  for (const name of keys.names) {
    if (!/weight$/.test(name)) continue;
    for (const [layer, output, input] of listTextLayers(name, keys.shape(name) ?? []))
      layers.set(layer, [output, input]);
  }
  return layers;
}
