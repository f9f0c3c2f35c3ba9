import { z } from 'zod';

const weight = z.number().min(-2).max(2);
const id = z.int().positive();
const common = {
  /** The result's name. */
  name: z.string().trim().min(1, 'Enter a name for the new model.').max(120),
  dtype: z.enum(['keep', 'f32', 'f16', 'bf16']).default('keep'),
};
const vae = id.nullish();
const blocks = z.array(weight).max(26).nullish();
const loras = z.array(z.object({ id, weight, textWeight: weight.nullish() })).max(20);

/** What the form asks for. Models are ids of the catalog; the newest file of each is taken. */
export const MERGE_FORM = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('weighted-sum'), a: id, b: id, weight, blocks, vae }),
  z.object({ ...common, kind: z.literal('add-difference'), a: id, b: id, c: id, weight, blocks, vae }),
  z.object({ ...common, kind: z.literal('bake-loras'), a: id, loras: loras.min(1, 'Select a LoRA.'), vae }),
  z.object({ ...common, kind: z.literal('combine-loras'), loras: loras.min(2, 'Select two or more LoRAs.') }),
  z.object({ ...common, kind: z.literal('replace-vae'), a: id, vae: id }),
]);

export type MergeForm = z.infer<typeof MERGE_FORM>;
export type MergeKind = MergeForm['kind'];
export type MergeStateName = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** One of the models of a merge, as it was when the merge was asked for. */
export interface MergePart {
  role: 'a' | 'b' | 'c' | 'vae' | 'lora';
  modelId: number;
  name: string;
  sha256: string;
  weight?: number;
  textWeight?: number;
}

/** What is kept of a request. */
export interface StoredRequest {
  dtype: MergeForm['dtype'];
  weight: number | null;
  blocks: number[] | null;
  parts: MergePart[];
}

/** A merge as pages and API show it. */
export interface MergeView {
  id: number;
  name: string;
  kind: MergeKind;
  state: MergeStateName;
  progress: number;
  message: string | null;
  /** What there is to know of the result, in sentences. */
  notes: string[];
  parts: { modelId: number; name: string }[];
  /** The result. */
  model: { id: number; slug: string; name: string } | null;
  createdAt: string;
}
