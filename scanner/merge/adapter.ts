import { type AdapterKind, splitAdapterName } from '../adapters/index.ts';
import { type ChangedNetwork, placeOf } from '../identify/index.ts';
import type { Tensor, TensorTable } from '../tensors/index.ts';
import { MergeError } from './errors.ts';
import { type RecordedScale, readRecordedScales } from './peft-alpha.ts';

/** How a module changes its layer: that of a norm is a difference like others. */
export type ModuleKind = Exclude<AdapterKind, 'norm'>;

/** One layer's part of an adapter: the tensors that say how the layer changes, by their short names. */
export interface AdapterModule {
  /** As in the file, without the suffixes of its tensors. */
  name: string;
  kind: ModuleKind;
  parts: ReadonlyMap<string, Tensor>;
  network: ChangedNetwork;
  /** The layer's name, the same for every way of writing it. */
  layer: string;
  /** What the file's metadata says of its scale, for modules without an alpha of their own. */
  recordedScale: RecordedScale;
}

/** Without one of these a module says nothing. */
const NEEDED: Readonly<Record<ModuleKind, readonly (readonly string[])[]>> = {
  lora: [['down'], ['up']],
  loha: [['w1_a'], ['w1_b'], ['w2_a'], ['w2_b']],
  lokr: [
    ['w1', 'w1_a'],
    ['w2', 'w2_a'],
  ],
  glora: [['a1'], ['a2'], ['b1'], ['b2']],
  oft: [['blocks']],
  ia3: [['weight']],
  full: [['diff', 'diff_b', 'w_norm', 'b_norm']],
  set: [['set']],
};

/**
 * The modules of an adapter file, and the names of tensors that belong to none of the kinds known here. Throws
 * MergeError where half of a module is missing.
 */
export function readAdapter(table: TensorTable, label: string): { modules: AdapterModule[]; ignored: string[] } {
  const open = new Map<string, { kind: ModuleKind | null; parts: Map<string, Tensor> }>();
  const others: Tensor[] = [];
  for (const tensor of table.tensors) {
    const found = splitAdapterName(tensor.name);
    if (found === null) {
      others.push(tensor);
      continue;
    }
    const module = open.get(found.module) ?? { kind: null, parts: new Map<string, Tensor>() };
    // What a file adds to a layer's low-rank change, such as a bias of its own, does not change its kind.
    if (module.kind === null || module.kind === 'full')
      module.kind = (found.kind === 'norm' ? 'full' : found.kind) ?? module.kind;
    module.parts.set(found.part, tensor);
    open.set(found.module, module);
  }

  const ignored: string[] = [];
  for (const tensor of others) {
    // IA3 keeps its numbers under the plain name, next to the mark `on_input`.
    const module = tensor.name.endsWith('.weight') ? open.get(tensor.name.slice(0, -'.weight'.length)) : undefined;
    if (module?.kind === 'ia3') module.parts.set('weight', tensor);
    else ignored.push(tensor.name);
  }

  const recordedScale = readRecordedScales(table.metadata);
  const modules: AdapterModule[] = [];
  for (const [name, { kind, parts }] of open) {
    // The older form of OFT, which says less than the one that is computed here.
    const isOldOft = kind === 'oft' && !parts.has('blocks');
    if (kind === null || isOldOft) {
      ignored.push(...[...parts.values()].map((tensor) => tensor.name));
      continue;
    }
    const lacks = NEEDED[kind].find((choice) => !choice.some((part) => parts.has(part)));
    if (lacks !== undefined) {
      throw new MergeError('bad-adapter', `${label} is incomplete: its module "${name}" has no ${lacks.join(' or ')}.`);
    }
    modules.push({ name, kind, parts, recordedScale, ...placeOf(name) });
  }
  return { modules, ignored };
}
