import { bakeLoras, type OpenLora } from './bake-loras.ts';
import { checkCheckpoints } from './check-bases.ts';
import { combineCheckpoints } from './combine-checkpoints.ts';
import { combineLoras } from './combine-loras.ts';
import { MergeError } from './errors.ts';
import { type OpenModel, OpenModels } from './open-models.ts';
import type { Plan } from './plan.ts';
import { describeMerge, modelsOf } from './recipe.ts';
import { bakeVae, copyAll } from './replace-vae.ts';
import type { MergeOptions, MergeReport, MergeRequest, WeightedLora } from './types.ts';
import { writePlan } from './write-plan.ts';

/**
 * Makes one model of several and writes it to `target` as safetensors, in constant memory. Sums are kept as doubles and
 * rounded once. The target appears whole and read back, or not at all; the same request gives the same bytes. Throws
 * MergeError where the models do not go together or the result is no number, VerificationError where the disk has other
 * bytes than were written, ConversionError and the errors of `readTensorTable`.
 */
export async function mergeModels(request: MergeRequest, target: string, options: MergeOptions): Promise<MergeReport> {
  checkNumbers(request);
  await using open = new OpenModels();
  const plan = await makePlan(request, open);
  const models: OpenModel[] = [];
  for (const model of modelsOf(request)) models.push(await open.open(model));
  const metadata = describeMerge(request, models, options);
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  const { bytes, sha256, saturated } = await writePlan(plan.tensors, metadata, target, options);
  const { unmerged, unplaced, ignored, leftOut, warnings } = plan;
  return {
    tensors: plan.tensors.length,
    bytes,
    sha256,
    merged: plan.tensors.filter(({ work }) => work.how === 'compute').length,
    unmerged,
    unplaced,
    ignored,
    leftOut: [...new Set(leftOut)],
    saturated,
    warnings: [...new Set(warnings)],
  };
}

async function makePlan(request: MergeRequest, open: OpenModels): Promise<Plan> {
  if (request.kind === 'combine-loras') return await combineLoras(await openLoras(request.loras, open));
  const a = await open.open(request.a);
  let plan: Plan;
  switch (request.kind) {
    case 'weighted-sum':
    case 'add-difference': {
      const { weight, blocks } = request;
      const b = await open.open(request.b);
      const c = request.kind === 'add-difference' ? await open.open(request.c) : null;
      plan = combineCheckpoints({ a, b, c, weight, blocks });
      break;
    }
    case 'bake-loras':
      plan = await bakeLoras(a, await openLoras(request.loras, open));
      break;
    default:
      plan = copyAll(a);
      plan.warnings = checkCheckpoints([a]);
  }
  if (request.vae !== undefined) bakeVae(plan, a, await open.open(request.vae));
  return plan;
}

async function openLoras(loras: readonly WeightedLora[], open: OpenModels): Promise<OpenLora[]> {
  if (loras.length === 0) throw new MergeError('nothing-to-merge', 'No LoRA was given.');
  const opened: OpenLora[] = [];
  for (const lora of loras) {
    opened.push({ lora: await open.open(lora), weight: lora.weight, textWeight: lora.textWeight });
  }
  return opened;
}

function checkNumbers(request: MergeRequest): void {
  const numbers = [
    'weight' in request ? request.weight : 0,
    ...('blocks' in request ? (request.blocks ?? []) : []),
    ...('loras' in request ? request.loras.flatMap(({ weight, textWeight = 0 }) => [weight, textWeight]) : []),
  ];
  if (!numbers.every(Number.isFinite)) throw new MergeError('bad-blocks', 'A weight is not a number.');
}
