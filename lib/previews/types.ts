/**
 * What pages and the API show of previews. Plain data: every value survives JSON.
 *
 * GET    /api/models/{id}/previews            ModelPreviews
 * POST   /api/models/{id}/previews            RENDER_FORM: renders them again; 202
 * PUT    /api/models/{id}/cover               COVER_FORM; 204
 * POST   /api/models/{id}/pictures?filename=  the picture's bytes as the body; 201 PictureView
 * POST   /api/previews/{id}/cancel            204
 * GET    /api/pictures/{id}                   the picture as it is stored, infotext included
 * GET    /api/pictures/{id}/thumbnail         WebP
 * PATCH  /api/pictures/{id}                   PICTURE_PATCH; PictureView
 * DELETE /api/pictures/{id}                   204
 * GET    /api/admin/previews                  PreviewQueue
 * POST   /api/admin/previews                  queues what has no preview yet; 202 { queued: number }
 * GET    /api/admin/previews/profiles         ProfileView[]
 * PUT    /api/admin/previews/profiles/{id}    PROFILE_FORM; ProfileView
 * DELETE /api/admin/previews/profiles/{id}    takes the edits back; ProfileView
 * GET    /api/admin/previews/settings         PreviewSettings
 * PATCH  /api/admin/previews/settings         SETTINGS_PATCH; PreviewSettings
 * GET    /api/admin/previews/comfyui          asks the ComfyUI server; ComfyCheckView
 *
 * A change is told by the event `{ kind: 'preview', previewId, modelId, ownerId, state, done, total }`.
 */
import type { Provider, RenderErrorCode } from '../render/index.ts';
import type { ProfileForm, RendererName } from './forms.ts';

export type PreviewStateName =
  | 'queued'
  | 'waiting_for_base'
  | 'rendering'
  | 'done'
  | 'failed'
  | 'not_applicable'
  | 'cancelled';

/** What the tiles of a preview vary: prompts and seeds, LoRA weights and seeds, or with against without. */
export type PreviewLayout = 'samples' | 'sweep' | 'comparison';

/** What was written into a picture, taken apart. */
export interface ParametersView {
  prompt: string | null;
  negativePrompt: string | null;
  /** All the rest by its label (`Steps`, `Sampler`, `Model hash`…), in its order. */
  fields: { label: string; value: string }[];
}

export interface PictureView {
  id: number;
  kind: 'tile' | 'grid' | 'user';
  url: string;
  thumbnailUrl: string;
  /** Pixels of the picture. */
  width: number;
  height: number;
  /** A tiny picture as a data URI, to stand there until the other one is. */
  blur: string | null;
  /** What it shows, in a few words: `LoRA weight 0.75, seed 1`. */
  label: string;
  seed: number | null;
  loraWeight: number | null;
  /** The program that made it, where that is known. */
  generator: string | null;
  /** As it stands in the picture. */
  infotext: string | null;
  parameters: ParametersView | null;
  /** To be blurred until somebody clicks. */
  nsfw: boolean;
  isCover: boolean;
  /** Who uploaded it; null for those that were rendered here. */
  uploader: string | null;
  createdAt: string;
  may: { flag: boolean; cover: boolean; delete: boolean };
}

/** One tile of the plan; `picture` is null until it is rendered. */
export interface TileView {
  /** Place in the grid, from 0. */
  row: number;
  column: number;
  label: string;
  seed: number;
  /** Sweeps only. */
  loraWeight: number | null;
  /** Pixels that the plan asks for; the picture may be smaller where memory was short. */
  width: number;
  height: number;
  picture: PictureView | null;
}

/** How the pictures were rendered. */
export interface EvidenceView {
  engine: string;
  provider: Provider;
  device: string;
  precision: 'fp16' | 'fp32';
  loadSeconds: number;
  secondsPerStep: number;
  /** Bytes. */
  peakMemory: number;
  /** Why each better provider was not taken. */
  rejected: { provider: Provider; reason: string }[];
  /** What had to be done differently for it to work, in sentences. */
  notes: string[];
}

export interface PreviewView {
  id: number;
  state: PreviewStateName;
  /** `failed` only; `no_file` where the store could not give what it takes. */
  code: RenderErrorCode | 'no_file' | null;
  /** Why it is in this state, in a sentence; null where the state says it all. */
  message: string | null;
  layout: PreviewLayout;
  /** Tiles rendered, and tiles in all. */
  done: number;
  total: number;
  /** How many previews stand before it in the queue; null unless it is queued. */
  ahead: number | null;
  /** Which try this is, from 1; 0 before the first. */
  attempt: number;
  profile: { id: string; name: string; version: number };
  /** True where the profile was changed since, or the model has a newer file. */
  stale: boolean;
  /** The checkpoint it is rendered on, where it needs one. `model` is null once that has left the catalog. */
  base: { name: string; sha256: string; model: { id: number; slug: string } | null } | null;
  /** Names of the grid's rows and columns. */
  axes: { rows: string[]; columns: string[] };
  tiles: TileView[];
  grid: PictureView | null;
  /** What there is to know of the plan, in sentences: trigger words only suggested, a size for machines without a GPU… */
  notes: string[];
  /** Null until a tile is rendered. */
  evidence: EvidenceView | null;
  createdAt: string;
  endedAt: string | null;
  may: { cancel: boolean };
}

/** All pictures of a model. */
export interface ModelPreviews {
  modelId: number;
  /** Of the newest file. Null where there is none yet; `message` says why. */
  current: PreviewView | null;
  message: string | null;
  /** Of older files and older versions of the profile, the newest first. */
  older: PreviewView[];
  /** What people uploaded, the newest first. */
  pictures: PictureView[];
  may: { render: boolean; upload: boolean };
}

/** A row of the administrators' list. */
export interface QueueRow {
  id: number;
  state: PreviewStateName;
  code: string | null;
  message: string | null;
  done: number;
  total: number;
  attempt: number;
  /** Null once the model has left the catalog. */
  model: { id: number; slug: string; name: string; base: string; type: string } | null;
  base: string | null;
  /** Machine and process that has it. */
  worker: string | null;
  /** The end of what the renderer wrote; for administrators. */
  log: string | null;
  createdAt: string;
  heartbeatAt: string | null;
  endedAt: string | null;
}

export interface PreviewQueue {
  counts: Record<PreviewStateName, number>;
  /** Those that wait or run, then the newest of the others; 100 at most. */
  rows: QueueRow[];
  /** Base versions that previews wait for, and how many each. */
  missingBases: { base: string; count: number }[];
}

export interface ProfileView extends ProfileForm {
  /** `sd1`, `sdxl`, `sdxl-turbo`, `sdxl-pony`… */
  id: string;
  name: string;
  /** Raised by every change. */
  version: number;
  /** Whether somebody changed what came with the program. */
  edited: boolean;
  updatedAt: string;
}

/** What the operator chose, and what there is to choose from. */
export interface PreviewSettings {
  /** `off` where WEIGHHOUSE_PREVIEWS says so. */
  mode: 'auto' | 'off';
  bases: {
    base: string;
    renderer: RendererName;
    /** Why nothing of this base can be rendered, in a sentence; null where it can. */
    obstacle: string | null;
    /** The checkpoint that adapters are rendered on; null takes the most used. */
    reference: { id: number; slug: string; name: string } | null;
    /** The one that is taken now; null where there is none. */
    inUse: { id: number; slug: string; name: string } | null;
    candidates: { id: number; name: string; downloads: number }[];
  }[];
  /** Address of the ComfyUI server, such as `http://gpu:8188`. */
  comfyUrl: string | null;
}

/** What the ComfyUI server of the settings answered. */
export interface ComfyCheckView {
  version: string;
  /** The GPU's name. */
  device: string;
  /** `missing`: what it lacks to render a base version, in words; empty where it lacks nothing. */
  bases: { base: string; label: string; missing: string[] }[];
}
