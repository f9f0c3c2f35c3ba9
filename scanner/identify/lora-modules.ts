import { type AdapterKind, splitAdapterName } from '../adapters/index.ts';
import type { KeyIndex } from './key-index.ts';
import { type ModuleName, readModuleName, type SizedModule } from './lora-module-names.ts';

export type LoraAlgorithm = Exclude<AdapterKind, 'set'> | 'boft';

/** One layer that a LoRA changes, with the widths of that layer as its parts give them. */
export interface LoraModule extends SizedModule, Pick<ModuleName, 'name' | 'path' | 'part'> {
  algorithm: LoraAlgorithm;
  /** Rank, or the size of OFT's blocks; undefined where the algorithm has none or both factors are whole. */
  rank: number | undefined;
  /** A convolution with a kernel wider than 1, or a layer of a residual block: what LoCon adds to LoRA. */
  convolution: boolean;
  /** The widths of the down half of `proj_in` tell SD 1.x (4-D) from later ones (2-D). */
  rank4: boolean;
  decomposed: boolean;
  /** A tensor of it, for evidence. */
  sample: string;
}

type Parts = Map<string, string>;

/** Every layer that the file's tensors change. Empty for a file that is no LoRA. */
export function listLoraModules(keys: KeyIndex): LoraModule[] {
  const modules = new Map<string, { kind: AdapterKind | null; parts: Parts }>();
  for (const name of keys.names) {
    const found = splitAdapterName(name);
    if (found === null) continue;
    let entry = modules.get(found.module);
    if (entry === undefined) {
      entry = { kind: null, parts: new Map() };
      modules.set(found.module, entry);
    }
    entry.kind ??= found.kind ?? (found.part === 'reshape' ? 'full' : null);
    entry.parts.set(found.part, name);
  }

  const list: LoraModule[] = [];
  for (const [name, { kind, parts }] of modules) {
    if (kind !== null) list.push(describeModule(keys, name, algorithmOf(keys, kind, parts), parts));
  }
  return list;
}

function algorithmOf(keys: KeyIndex, kind: AdapterKind, parts: Parts): LoraAlgorithm {
  if (kind === 'set') return 'full';
  // BOFT is OFT in several layers, which are one more side of the same tensor.
  return kind === 'oft' && keys.shape(parts.get('blocks') ?? '')?.length === 4 ? 'boft' : kind;
}

function describeModule(keys: KeyIndex, name: string, algorithm: LoraAlgorithm, parts: Parts): LoraModule {
  const { input, output, sample } = measure(keys, algorithm, parts);
  const down = keys.shape(parts.get('down') ?? '') ?? [];
  const named = readModuleName(name);
  return {
    named,
    name,
    path: named.path,
    algorithm,
    part: named.part,
    input,
    output,
    rank: rankOf(keys, algorithm, parts),
    convolution: named.isConvolution || parts.has('mid') || (down.length === 4 && (down[2] ?? 1) > 1),
    rank4: down.length === 4,
    decomposed: parts.has('dora'),
    sample,
  };
}

/** Input and output width of the layer, which each algorithm hides elsewhere (LyCORIS `lycoris/modules`). */
function measure(
  keys: KeyIndex,
  algorithm: LoraAlgorithm,
  parts: Parts,
): { input: number | undefined; output: number | undefined; sample: string } {
  const nameOf = (part: string) => parts.get(part) ?? '';
  const side = (part: string, axis: number) => keys.side(nameOf(part), axis);
  const first = [...parts.values()][0] ?? '';

  switch (algorithm) {
    case 'lora':
      return { input: side('down', 1), output: side('up', 0), sample: parts.get('down') ?? first };
    case 'loha':
      return {
        input: side('w1_b', 1),
        output: side('w1_a', parts.has('t1') ? 1 : 0),
        sample: parts.get('w1_b') ?? first,
      };
    case 'lokr': {
      const hasCore = parts.has('t2');
      const input = multiply(side('w1', 1) ?? side('w1_b', 1), side('w2', 1) ?? side('w2_b', 1));
      const output = multiply(side('w1', 0) ?? side('w1_a', 0), side('w2', 0) ?? side('w2_a', hasCore ? 1 : 0));
      return { input, output, sample: parts.get('w2') ?? parts.get('w2_b') ?? first };
    }
    case 'glora':
      return measureGlora(side, first);
    case 'full':
      return {
        input: side('diff', 1) ?? side('set', 1),
        output: side('diff', 0) ?? side('set', 0),
        sample: parts.get('diff') ?? first,
      };
    default:
      return { input: undefined, output: undefined, sample: first };
  }
}

/** Newer files keep `b1` as [output, rank] and `b2` as [rank, input], older ones the other way round. */
function measureGlora(
  side: (part: string, axis: number) => number | undefined,
  sample: string,
): { input: number | undefined; output: number | undefined; sample: string } {
  const isNew = (side('b1', 0) ?? 0) > (side('b1', 1) ?? 0);
  return { input: isNew ? side('b2', 1) : side('b1', 1), output: isNew ? side('b1', 0) : side('b2', 0), sample };
}

function rankOf(keys: KeyIndex, algorithm: LoraAlgorithm, parts: Parts): number | undefined {
  const side = (part: string, axis: number) => keys.side(parts.get(part) ?? '', axis);
  switch (algorithm) {
    case 'lora':
      return side('down', 0);
    case 'loha':
      return side('w1_b', 0);
    case 'lokr':
      return side('w2_b', 0) ?? side('w1_b', 0);
    case 'glora':
      return smaller(side('b1', 0), side('b1', 1));
    case 'oft':
    case 'boft':
      return side('blocks', -1);
    default:
      return undefined;
  }
}

/** GLoRA's older and newer files lay this part the other way round; the rank is its shorter side. */
function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}

function multiply(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}
