import { BASE_IDS, BASES, type ModelType } from '#scanner/bases/index.ts';
import { explainQuantization } from '../../render/index.ts';
import type { ProfileForm, RendererName } from '../forms.ts';
import { planTiles } from './plan-tiles.ts';
import type { PreviewHost, PreviewPlan, PreviewSubject, TilePlan } from './preview-plan.ts';

/** Base versions that the engine of this program renders. */
export const ENGINE_BASES: readonly string[] = BASE_IDS.filter((id) => BASES[id].builtInRenderer === true);

/** Variants that render nothing from a prompt alone, and why. */
const VARIANT_REASONS: Readonly<Record<string, string>> = {
  inpaint: 'Inpainting models need an input image and a mask, so no preview is rendered.',
  fill: 'Fill models need an input image and a mask, so no preview is rendered.',
  pix2pix: 'This model edits an input image, so no preview is rendered.',
  control: 'This model needs a control image, so no preview is rendered.',
  depth: 'This model needs a depth map, so no preview is rendered.',
  unclip: 'This model creates variations of an input image, so no preview is rendered.',
  refiner: 'A refiner finishes the image of another model, so no preview is rendered.',
};

const TYPE_REASONS: Readonly<Partial<Record<ModelType, string>>> = {
  controlnet: 'A ControlNet needs a control image, so no preview is rendered.',
  't2i-adapter': 'A T2I-Adapter needs a control image, so no preview is rendered.',
  'ip-adapter': 'An IP-Adapter needs an input image, so no preview is rendered.',
  'motion-module': 'A motion module creates videos, so no preview is rendered.',
  upscaler: 'An upscaler needs an input image, so no preview is rendered.',
  hypernetwork: 'Previews of hypernetworks are not supported.',
  'image-encoder': 'An image encoder describes images and cannot render them.',
  'text-encoder': 'A text encoder cannot render images by itself.',
  unknown: 'The model type is unknown. Set the type to render a preview.',
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
  /** The subject's own file, rendered by itself where it is a checkpoint. */
  own: PreviewHost;
  /** The checkpoint of the same base version that adapters are rendered on; null where the catalog has none. */
  reference: PreviewHost | null;
  /** What goes together and may still disappoint; and what stands against it altogether. */
  pairing: { warnings: readonly string[]; refusal: string | null };
}

export type Planned =
  | { kind: 'not_applicable'; reason: string }
  | { kind: 'waiting_for_base'; reason: string }
  | { kind: 'tiles'; plan: PreviewPlan; tilePlan: TilePlan };

/** What is to be rendered of a file, or in a sentence why nothing is. */
export function planPreview(subject: PreviewSubject, context: PlanContext): Planned {
  const { renderer, reference, profile, own, pairing } = context;
  const reason = findObstacle(subject, context);
  if (reason !== null) return { kind: 'not_applicable', reason };
  const isAdapter = ADAPTERS.includes(subject.type);
  const host = isAdapter ? reference : own;
  if (host === null) {
    return {
      kind: 'waiting_for_base',
      reason: `The catalog has no ${context.baseLabel} checkpoint for this preview yet. Rendering starts when one is uploaded.`,
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
  const byType = TYPE_REASONS[type as ModelType];
  if (byType !== undefined) return byType;
  if (base === 'unknown') return 'The base model is unknown. Set the base model to render a preview.';
  if (base === 'sdxl-refiner') return VARIANT_REASONS.refiner ?? null;
  const byVariant = variant === null || type === 'vae' ? undefined : VARIANT_REASONS[variant];
  if (byVariant !== undefined) return byVariant;

  if (renderer === 'comfyui') {
    if (!comfy.hasWorkflow) return `Previews of ${baseLabel} are not supported yet.`;
    if (!comfy.isNamed)
      return `Previews of ${baseLabel} are rendered with ComfyUI. An administrator can set a ComfyUI address under Administration → Previews.`;
    if (type === 'embedding' || type === 'vae') return 'ComfyUI renders previews of checkpoints and LoRAs only.';
    return null;
  }
  if (!ENGINE_BASES.includes(base))
    return `The built-in renderer does not support ${baseLabel}. An administrator can select ComfyUI for it under Administration → Previews.`;
  if (subject.prediction === 'edm' || subject.prediction === 'flow')
    return `The built-in renderer does not support the prediction type ${subject.prediction}.`;
  const quantized = type === 'checkpoint' ? explainQuantization(subject.precision ?? []) : null;
  if (quantized !== null) return quantized;
  if (type === 'diffusion-model')
    return 'This file contains only the diffusion model. A preview also needs a text encoder and a VAE.';
  if (type === 'checkpoint' && absent.length > 0)
    return `The file is missing components that a preview needs: ${absent.join(', ')}.`;
  return null;
}
