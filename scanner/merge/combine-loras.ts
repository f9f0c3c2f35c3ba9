import type { Dtype, Tensor } from '../tensors/index.ts';
import { type AdapterModule, readAdapter } from './adapter.ts';
import type { OpenLora } from './bake-loras.ts';
import { checkAdapters } from './check-bases.ts';
import { scaleOf } from './deltas.ts';
import { MergeError } from './errors.ts';
import { placeKey } from './layers.ts';
import { isFloat } from './number-decoders.ts';
import { quote } from './open-models.ts';
import { emptyPlan, type Plan, type PlannedTensor } from './plan.ts';
import { matrixOf, SLICE_NUMBERS, tensorRows } from './rows.ts';

interface Share {
  lora: OpenLora['lora'];
  weight: number;
  module: AdapterModule;
}

/**
 * Several LoRAs as one that changes every layer by the sum of their changes, each times its weight: the ranks stand side
 * by side, so nothing is approximated. Only plain LoRA modules (and stored differences) can be put together so; throws
 * MergeError, naming the module, for the others.
 */
export async function combineLoras(loras: readonly OpenLora[]): Promise<Plan> {
  checkAdapters(loras.map(({ lora }) => lora));
  const plan = emptyPlan();
  const byPlace = new Map<string, Share[]>();
  for (const { lora, weight } of loras) {
    const { modules, ignored } = readAdapter(lora.table, quote(lora.model));
    plan.ignored.push(...ignored.map((name) => ({ model: lora.model.name, name })));
    for (const module of modules) {
      checkKind(lora, module);
      const key = placeKey(module.network, module.layer);
      const shares = byPlace.get(key) ?? [];
      shares.push({ lora, weight, module });
      byPlace.set(key, shares);
    }
  }
  const dtype = widest(
    loras.flatMap(({ lora }) => lora.table.tensors.flatMap(({ dtype, shape }) => (shape.length > 1 ? [dtype] : []))),
  );
  for (const shares of byPlace.values()) {
    plan.tensors.push(...(await concatenate(shares, dtype)), ...addDifferences(shares, dtype));
  }
  return plan;
}

function checkKind({ model }: OpenLora['lora'], { name, kind, parts }: AdapterModule): void {
  const isPlain = (kind === 'lora' && !parts.has('mid') && !parts.has('dora')) || kind === 'full';
  if (isPlain && !parts.has('reshape')) return;
  const what = parts.has('dora') ? 'DoRA' : parts.has('mid') ? 'LoCon with a mid tensor' : kind;
  throw new MergeError(
    'unsupported',
    `The module "${name}" of ${quote(model)} is ${what}. Only plain LoRAs can be merged into one LoRA. Bake them into a checkpoint instead.`,
  );
}

/** The ranks of all that change one layer: `down` one below the other, `up` side by side, times weight and scale. */
async function concatenate(all: readonly Share[], dtype: Dtype): Promise<PlannedTensor[]> {
  const shares = all.filter(({ module }) => module.parts.has('down'));
  const downs = shares.map(({ module }) => partOf(module, 'down'));
  const ups = shares.map(({ module }) => partOf(module, 'up'));
  const [down, up, first] = [downs[0], ups[0], shares[0]];
  if (down === undefined || up === undefined || first === undefined) return [];
  for (const [index, share] of shares.entries()) {
    const other = downs[index]?.shape ?? [];
    const fits = matrixOf(other).columns === matrixOf(down.shape).columns && ups[index]?.shape[0] === up.shape[0];
    if (!fits) {
      const name = share.module.name;
      throw new MergeError('other-shape', `The module "${name}" has a different size in ${quote(share.lora.model)}.`);
    }
  }

  const ranks = downs.map(({ shape }) => shape[0] ?? 1);
  const rank = ranks.reduce((sum, one) => sum + one, 0);
  const scales = await Promise.all(
    shares.map(
      async (share, index) => share.weight * (await scaleOf(share.module, share.lora.reader, ranks[index] ?? 1)),
    ),
  );
  return [
    {
      name: down.name,
      dtype,
      like: { ...down, shape: [rank, ...down.shape.slice(1)] },
      work: {
        how: 'compute',
        async *slices() {
          for (const [index, share] of shares.entries()) yield await share.lora.reader.read(downs[index] as Tensor);
        },
      },
    },
    {
      name: up.name,
      dtype,
      like: { ...up, shape: [up.shape[0] ?? 1, rank, ...up.shape.slice(2)] },
      work: {
        how: 'compute',
        async *slices() {
          const rows = up.shape[0] ?? 1;
          const step = Math.max(1, Math.floor(SLICE_NUMBERS / rank));
          for (let from = 0; from < rows; from += step) {
            const count = Math.min(step, rows - from);
            const numbers = new Float64Array(count * rank);
            let column = 0;
            for (const [index, { lora }] of shares.entries()) {
              const part = await lora.reader.readRows(ups[index] as Tensor, from, count);
              const own = ranks[index] ?? 1;
              const scale = scales[index] ?? 0;
              for (let i = 0; i < part.length; i += 1) {
                numbers[Math.floor(i / own) * rank + column + (i % own)] = scale * (part[i] as number);
              }
              column += own;
            }
            yield numbers;
          }
        },
      },
    },
    {
      name: `${first.module.name}.alpha`,
      dtype: 'F32',
      like: { ...down, dtype: 'F32', name: `${first.module.name}.alpha`, shape: [] },
      work: {
        how: 'compute',
        async *slices() {
          yield Float64Array.of(rank);
        },
      },
    },
  ];
}

/** Stored differences of biases, norms and whole layers. */
function addDifferences(shares: readonly Share[], dtype: Dtype): PlannedTensor[] {
  return ['diff', 'diff_b', 'w_norm', 'b_norm'].flatMap((part): PlannedTensor[] => {
    const own = shares.filter(({ module }) => module.parts.has(part));
    const [first] = own;
    if (first === undefined) return [];
    const like = partOf(first.module, part);
    const slices = async function* () {
      const weights = own.map(({ lora, module }) => tensorRows(lora.reader, partOf(module, part)));
      const { rows, columns } = matrixOf(like.shape);
      const step = Math.max(1, Math.floor(SLICE_NUMBERS / Math.max(1, columns)));
      for (let from = 0; from < rows; from += step) {
        const count = Math.min(step, rows - from);
        const sum = new Float64Array(count * columns);
        for (const [index, weight] of weights.entries()) {
          const numbers = await weight.read(from, count);
          const share = own[index]?.weight ?? 0;
          for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] as number) + share * (numbers[i] as number);
        }
        yield sum;
      }
    };
    return [{ name: like.name, like, dtype, work: { how: 'compute', slices } }];
  });
}

function partOf({ name, parts }: AdapterModule, part: string): Tensor {
  const tensor = parts.get(part);
  if (tensor === undefined) throw new MergeError('bad-adapter', `The module "${name}" has no ${part}.`);
  return tensor;
}

/** A type that holds the numbers of all: of F16 and BF16 neither does. */
function widest(dtypes: readonly Dtype[]): Dtype {
  const floats = new Set(dtypes.filter(isFloat));
  const [only] = floats;
  return floats.size === 1 && (only === 'F16' || only === 'BF16') ? only : 'F32';
}
