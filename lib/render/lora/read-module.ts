import {
  type AdapterModule,
  gloraOrder,
  kroneckerOf,
  type NamedModel,
  type OpenModel,
  type PlacedModule,
  scaleOf,
  targetOf,
} from '#scanner/merge/index.ts';
import { RenderError } from '../types.ts';
import type { Weight, WeightFile } from '../weights/index.ts';
import type { AxisFactors, FactorProduct, LayerChange, ScaledChange } from './changes.ts';

/** A LoRA that is open: its tensors for computing, and their places in the file for graphs. */
export interface OpenLora {
  open: OpenModel<NamedModel>;
  file: WeightFile;
}

/** What was worked out beforehand for a module that needs it: see `listScratch`. */
export interface Scratch {
  /** The whole change of the weight, or of each block of it. */
  change?: Extract<LayerChange, { kind: 'dense' | 'turned' }> | undefined;
  /** One less than what the changed weight is multiplied by. */
  lengths?: AxisFactors | undefined;
}

/** All that one module changes of its layer. Throws RenderError where the module is of more ranks than any LoRA has. */
export async function readChanges(
  lora: OpenLora,
  { module, layer }: PlacedModule,
  scratch: Scratch,
): Promise<Omit<ScaledChange, 'strength'>[]> {
  const { lengths } = scratch;
  const bias = ['diff_b', 'b_norm'].find((part) => module.parts.has(part));
  const changes = scratch.change === undefined ? await readWeightChanges(lora, { module, layer }) : [scratch.change];
  return [
    ...(bias === undefined ? [] : [{ change: { kind: 'bias', weight: findWeight(lora, module, bias) } } as const]),
    // What is turned to another length is the weight together with its change.
    ...(lengths === undefined ? [] : [{ change: { kind: 'scaling', ...lengths } } as const]),
    ...changes.map((change) => ({ change, lengths })),
  ];
}

async function readWeightChanges(lora: OpenLora, { module, layer }: PlacedModule): Promise<LayerChange[]> {
  const target = targetOf(layer.weight.shape, layer.rows);
  const weightOf = (part: string) => findWeight(lora, module, part);
  const changes: LayerChange[] = [];
  switch (module.kind) {
    case 'lora':
      changes.push(await readLowRank(lora, module, ['up', 'down', 'mid']));
      break;
    case 'loha': {
      const scale = await scaleOf(module, lora.open.reader, side(module, 'w1_b', 0));
      const [first, second] = [readProduct(lora, module, 1), readProduct(lora, module, 2)];
      changes.push({ kind: 'hadamard', first, second, scale, target });
      break;
    }
    case 'lokr': {
      const { first, second, rank } = kroneckerOf(module, target);
      const scale = rank === 0 ? 1 : await scaleOf(module, lora.open.reader, rank);
      const factor = (n: 1 | 2) => (module.parts.has(`w${n}`) ? weightOf(`w${n}`) : readProduct(lora, module, n));
      changes.push({ kind: 'kronecker', first: factor(1), second: factor(2), scale, sizes: { first, second } });
      break;
    }
    case 'glora': {
      const [a, b, up, down] = gloraOrder(module, target);
      const inner = side(module, b, 0);
      const scale = await scaleOf(module, lora.open.reader, inner);
      changes.push({ kind: 'bent', a: weightOf(a), b: weightOf(b), inner, scale, target });
      changes.push(await readLowRank(lora, module, [up, down, 'bm']));
      break;
    }
    case 'ia3': {
      const isOnInput = (await lora.open.reader.read(partOf(module, 'on_input')))[0] !== 0;
      changes.push({ kind: 'scaling', axis: isOnInput ? 'input' : 'output', factors: weightOf('weight') });
      break;
    }
    case 'set':
      changes.push({ kind: 'replacement', weight: weightOf('set') });
      break;
    default: {
      const part = ['diff', 'w_norm'].find((name) => module.parts.has(name));
      if (part !== undefined) changes.push({ kind: 'dense', weight: weightOf(part) });
    }
  }
  return changes;
}

/** Far above what anyone trains: ranks are memory that each layer takes for each of its positions. */
const MAX_RANK = 4096;

async function readLowRank(
  lora: OpenLora,
  module: AdapterModule,
  [up, down, middle]: readonly [up: string, down: string, middle: string],
): Promise<LayerChange> {
  const core = module.parts.has(middle) ? findWeight(lora, module, middle) : undefined;
  const inner = core === undefined ? side(module, down, 0) : (core.shape[1] ?? 1);
  const outer = core === undefined ? inner : (core.shape[0] ?? 1);
  if (Math.max(inner, outer) > MAX_RANK) {
    throw new RenderError(
      'load_mismatch',
      `The module "${module.name}" has rank ${Math.max(inner, outer)}; the maximum is ${MAX_RANK}.`,
    );
  }
  return {
    kind: 'low-rank',
    up: findWeight(lora, module, up),
    down: findWeight(lora, module, down),
    ...(core === undefined ? {} : { core }),
    inner,
    outer,
    scale: await scaleOf(module, lora.open.reader, inner),
  };
}

function readProduct(lora: OpenLora, module: AdapterModule, n: 1 | 2): FactorProduct {
  const core = module.parts.has(`t${n}`) ? findWeight(lora, module, `t${n}`) : undefined;
  const [a, b] = [findWeight(lora, module, `w${n}_a`), findWeight(lora, module, `w${n}_b`)];
  return { a, b, ...(core === undefined ? {} : { core }) };
}

function side(module: AdapterModule, part: string, axis: number): number {
  return partOf(module, part).shape[axis] ?? 1;
}

function partOf(module: AdapterModule, part: string): NonNullable<ReturnType<AdapterModule['parts']['get']>> {
  const tensor = module.parts.get(part);
  if (tensor !== undefined) return tensor;
  throw new RenderError('load_mismatch', `The module "${module.name}" has no ${part}.`);
}

/** Where the numbers of a part stand in the LoRA's file. */
function findWeight({ file }: OpenLora, module: AdapterModule, part: string): Weight {
  const { name } = partOf(module, part);
  const weight = file.tensors.get(name);
  if (weight !== undefined) return weight;
  throw new RenderError(
    'load_mismatch',
    `The tensor "${name}" is not at the position in the header. The file may have changed.`,
  );
}
