import type { TileRequest } from '../../render/index.ts';
import { distillationOf } from './choose-profile.ts';
import type { PlannedTile, PreviewPlan, PreviewSubject, TilePlan } from './preview-plan.ts';
import { addTriggers, embeddingPrompts, triggerNotes } from './prompt-words.ts';

/** The tiles of a plan: prompts and seeds of a checkpoint, LoRA weights and seeds of a LoRA, with against without of others. */
export function planTiles(plan: PreviewPlan): TilePlan {
  const tilePlan = tilesByType(plan);
  return { ...tilePlan, notes: [...notesOf(plan), ...tilePlan.notes, ...plan.warnings] };
}

function tilesByType(plan: PreviewPlan): TilePlan {
  switch (plan.subject.type) {
    case 'lora':
      return sweepTiles(plan);
    case 'embedding':
      return embeddingTiles(plan);
    case 'vae':
      return vaeTiles(plan);
    default:
      return sampleTiles(plan);
  }
}

function sampleTiles(plan: PreviewPlan): TilePlan {
  const { seeds } = sizesOf(plan);
  const { prompts } = plan.profile;
  const tiles = prompts.flatMap(({ subject, text }, row) =>
    seeds.map(
      (seed, column): PlannedTile => ({
        row,
        column,
        label: `${subject}, seed ${seed}`,
        loraWeight: null,
        request: requestOf(plan, { prompt: text, seed }),
      }),
    ),
  );
  return {
    layout: 'samples',
    role: 'checkpoint',
    rows: prompts.map(({ subject }) => subject),
    columns: seeds.map((seed) => `Seed ${seed}`),
    tiles,
    notes: [],
  };
}

function sweepTiles(plan: PreviewPlan): TilePlan {
  const { adapterSeeds } = sizesOf(plan);
  const weights = plan.profile.loraWeights;
  const prompt = addTriggers(firstPrompt(plan), plan.subject.triggers);
  const tiles = adapterSeeds.flatMap((seed, row) =>
    weights.map(
      (loraWeight, column): PlannedTile => ({
        row,
        column,
        label: `LoRA weight ${loraWeight}, seed ${seed}`,
        loraWeight,
        request: { ...requestOf(plan, { prompt, seed }), loraWeights: [loraWeight] },
      }),
    ),
  );
  return {
    layout: 'sweep',
    role: 'lora',
    rows: adapterSeeds.map((seed) => `Seed ${seed}`),
    columns: weights.map((weight) => `LoRA weight ${weight}`),
    tiles,
    notes: triggerNotes(plan.subject.triggers),
  };
}

function embeddingTiles(plan: PreviewPlan): TilePlan {
  const { adapterSeeds } = sizesOf(plan);
  const { without, used, isNegative } = embeddingPrompts(
    { prompt: firstPrompt(plan), negativePrompt: plan.profile.negativePrompt },
    plan.subject.name,
  );
  const tiles = adapterSeeds.flatMap((seed, row) =>
    [without, used].map(
      (prompts, column): PlannedTile => ({
        row,
        column,
        label: `${column === 0 ? 'Without' : 'With'} the embedding, seed ${seed}`,
        loraWeight: null,
        request: { ...requestOf(plan, { ...prompts, seed }) },
      }),
    ),
  );
  return {
    layout: 'comparison',
    role: 'embedding',
    rows: adapterSeeds.map((seed) => `Seed ${seed}`),
    columns: ['Without', 'With'],
    tiles,
    notes: isNegative
      ? ['The name suggests a negative embedding, so it is used in the negative prompt.']
      : [`Used in the prompt as “${plan.subject.name}”.`],
  };
}

function vaeTiles(plan: PreviewPlan): TilePlan {
  const [seed = 1] = sizesOf(plan).adapterSeeds;
  const tiles = ['VAE of the checkpoint', 'This VAE'].map(
    (label, column): PlannedTile => ({
      row: 0,
      column,
      label: `${label}, seed ${seed}`,
      loraWeight: null,
      request: { ...requestOf(plan, { prompt: firstPrompt(plan), seed }), usesGivenVae: column === 1 },
    }),
  );
  return {
    layout: 'comparison',
    role: 'vae',
    rows: [`Seed ${seed}`],
    columns: ['VAE of the checkpoint', 'This VAE'],
    tiles,
    notes: [],
  };
}

function firstPrompt({ profile }: PreviewPlan): string {
  return profile.prompts[0]?.text ?? '';
}

function sizesOf({ profile, machine }: PreviewPlan) {
  const { width, height, steps, seeds, adapterSeeds } = machine === 'cpu' ? profile.cpu : profile;
  return { width, height, steps, seeds, adapterSeeds };
}

function requestOf(
  plan: PreviewPlan,
  { prompt, negativePrompt, seed }: { prompt: string; negativePrompt?: string; seed: number },
): TileRequest {
  const { sampler, cfgScale, clipSkip } = plan.profile;
  const { width, height, steps } = sizesOf(plan);
  return {
    prompt,
    negativePrompt: negativePrompt ?? plan.profile.negativePrompt,
    seed,
    steps,
    sampler,
    cfgScale,
    clipSkip,
    width,
    height,
    loraWeights: [],
  };
}

function notesOf(plan: PreviewPlan): string[] {
  const { profile, machine, subject } = plan;
  const notes = [];
  const { cpu } = profile;
  if (machine === 'cpu')
    notes.push(
      `Rendered without a GPU at ${cpu.width} × ${cpu.height} with ${cpu.steps} steps, instead of ${profile.width} × ${profile.height} with ${profile.steps} steps.`,
    );
  const distilled = distillationOf(subject);
  if (distilled !== null && subject.variant !== distilled)
    notes.push(`The number of steps is set for ${distilled} models, because the name contains it.`);
  return notes;
}

/** Whether anything of a preview would be rendered otherwise, so that it must be rendered again. */
export function isSamePlan(one: Pick<PreviewPlan, 'subject' | 'renderer'>, other: typeof one): boolean {
  return (
    JSON.stringify([essence(one.subject), one.renderer]) === JSON.stringify([essence(other.subject), other.renderer])
  );
}

function essence({ type, base, variant, family, algorithm, prediction, triggers }: PreviewSubject): unknown[] {
  return [type, base, variant, family, algorithm, prediction, triggers.map(({ text, isStated }) => [text, isStated])];
}
