import type { ProfileForm, RendererName } from '../forms.ts';
import { planTiles } from './plan-tiles.ts';
import type { PreviewHost, PreviewPlan, PreviewSubject, TilePlan } from './preview-plan.ts';

/** Base versions that the engine of this program draws. */
export const ENGINE_BASES: readonly string[] = ['sd1', 'sd2', 'sdxl'];

/** Variants that draw nothing from a prompt alone, and why. */
const VARIANT_REASONS: Readonly<Record<string, string>> = {
  inpaint: 'An inpainting model fills a hole in a picture that it is given, so it draws nothing from a prompt alone.',
  fill: 'A fill model fills a hole in a picture that it is given, so it draws nothing from a prompt alone.',
  pix2pix: 'It changes a picture that it is given, so it draws nothing from a prompt alone.',
  control: 'It follows a picture that it is given, so it draws nothing from a prompt alone.',
  depth: 'It follows the depth of a picture that it is given, so it draws nothing from a prompt alone.',
  unclip: 'It draws variations of a picture that it is given, so it draws nothing from a prompt alone.',
  refiner: 'A refiner finishes the picture of another model, so it draws nothing by itself.',
};

const TYPE_REASONS: Readonly<Record<string, string>> = {
  controlnet: 'A ControlNet steers another model by a picture, so it draws nothing by itself.',
  't2i-adapter': 'A T2I-Adapter steers another model by a picture, so it draws nothing by itself.',
  'ip-adapter': 'An IP-Adapter steers another model by a picture, so it draws nothing by itself.',
  'motion-module': 'A motion module makes videos with another model, so there is no single picture of it.',
  upscaler: 'An upscaler enlarges pictures and draws none.',
  hypernetwork: 'Hypernetworks cannot be applied here yet.',
  'text-encoder': 'A text encoder reads prompts and draws nothing.',
  unknown: 'What this file is could not be told, so nothing can be drawn with it. Set its type to have it drawn.',
};

/** Types that are put on a checkpoint of their base version. */
const ADAPTERS: readonly string[] = ['lora', 'embedding', 'vae'];

export interface PlanContext {
  profile: ProfileForm;
  renderer: RendererName;
  /** Whether a ComfyUI server is named, and whether there is a workflow for the base version. */
  comfy: { isNamed: boolean; hasWorkflow: boolean };
  /** The base version in words. */
  baseLabel: string;
  /** The subject's own file, drawn by itself where it is a checkpoint. */
  own: PreviewHost;
  /** The checkpoint of the same base version that adapters are drawn on; null where the catalog has none. */
  reference: PreviewHost | null;
  /** What goes together and may still disappoint; and what stands against it altogether. */
  pairing: { warnings: readonly string[]; refusal: string | null };
}

export type Planned =
  | { kind: 'not_applicable'; reason: string }
  | { kind: 'waiting_for_base'; reason: string }
  | { kind: 'tiles'; plan: PreviewPlan; tilePlan: TilePlan };

/** What is to be drawn of a file, or in a sentence why nothing is. */
export function planPreview(subject: PreviewSubject, context: PlanContext): Planned {
  const { renderer, reference, profile, own, pairing } = context;
  const reason = findObstacle(subject, context);
  if (reason !== null) return { kind: 'not_applicable', reason };
  const isAdapter = ADAPTERS.includes(subject.type);
  const host = isAdapter ? reference : own;
  if (host === null) {
    return {
      kind: 'waiting_for_base',
      reason: `It is drawn on a checkpoint of ${context.baseLabel}, and the catalog has none yet. It is drawn by itself as soon as there is one.`,
    };
  }
  if (isAdapter && pairing.refusal !== null) return { kind: 'not_applicable', reason: pairing.refusal };
  const warnings = isAdapter ? pairing.warnings : [];
  const plan: PreviewPlan = { subject, profile, machine: 'gpu', renderer, host, warnings };
  return { kind: 'tiles', plan, tilePlan: planTiles(plan) };
}

function findObstacle(subject: PreviewSubject, context: PlanContext): string | null {
  const { type, base, variant, absent } = subject;
  const { renderer, comfy, baseLabel } = context;
  const byType = TYPE_REASONS[type];
  if (byType !== undefined) return byType;
  if (base === 'unknown')
    return 'Its base version could not be told, so nothing can be drawn with it. Set its base version to have it drawn.';
  if (base === 'sdxl-refiner') return VARIANT_REASONS.refiner ?? null;
  const byVariant = variant === null || type === 'vae' ? undefined : VARIANT_REASONS[variant];
  if (byVariant !== undefined) return byVariant;

  if (renderer === 'comfyui') {
    if (!comfy.hasWorkflow) return `Nothing here draws pictures of ${baseLabel} yet.`;
    if (!comfy.isNamed)
      return `${baseLabel} is drawn by ComfyUI. An administrator can name a ComfyUI server in the settings of previews, and it is drawn there.`;
    if (type === 'embedding' || type === 'vae') return 'ComfyUI is asked for pictures of checkpoints and LoRAs only.';
    return null;
  }
  if (!ENGINE_BASES.includes(base))
    return `${baseLabel} is not drawn by the engine of this program, and ComfyUI is not chosen for it in the settings of previews.`;
  if (subject.prediction === 'edm' || subject.prediction === 'flow')
    return `It was trained for the sampling that is called ${subject.prediction}, which the engine of this program does not have.`;
  if (type === 'diffusion-model')
    return 'It is the denoising network alone, without the text encoder and the VAE that a picture takes.';
  if (type === 'checkpoint' && absent.length > 0)
    return `The file lacks parts that a picture takes: ${absent.join(', ')}.`;
  return null;
}
