import type { TileRequest } from '../../render/index.ts';
import type { ProfileForm, RendererName } from '../forms.ts';
import type { PreviewLayout } from '../types.ts';

/** What is known of a file that is to be rendered. */
export interface PreviewSubject {
  /** What people call it: the file's name without its ending. */
  name: string;
  type: string;
  base: string;
  variant: string | null;
  family: string | null;
  /** LoRA only. */
  algorithm: string | null;
  prediction: string;
  /** What its base is published with and the file lacks. */
  absent: readonly string[];
  /** Types of its numbers and schemes of quantisers; plans of older versions have none. */
  precision?: readonly string[];
  /** Words that call it up, and whether somebody wrote them down as such. */
  triggers: readonly { text: string; isStated: boolean }[];
}

/** The checkpoint that a preview is rendered with: the file itself, or for an adapter the one it is put on. */
export interface PreviewHost {
  sha256: string;
  name: string;
  prediction: string;
}

/** All that the tiles of a preview follow from; kept with it, so that later changes of the profile do not touch it. */
export interface PreviewPlan {
  subject: PreviewSubject;
  profile: ProfileForm;
  /** Whether it is rendered on a machine without a graphics card, smaller and with fewer tiles. */
  machine: 'gpu' | 'cpu';
  renderer: RendererName;
  host: PreviewHost;
  /** What goes together and may still disappoint, in sentences. */
  warnings: readonly string[];
}

/** What the file under preview does in the pictures. */
export type SubjectRole = 'checkpoint' | 'lora' | 'embedding' | 'vae';

export interface PlannedTile {
  /** Place in the grid, from 0. */
  row: number;
  column: number;
  label: string;
  loraWeight: number | null;
  request: TileRequest;
}

export interface TilePlan {
  layout: PreviewLayout;
  role: SubjectRole;
  /** Names of rows and columns; an empty name where there is one only. */
  rows: string[];
  columns: string[];
  tiles: PlannedTile[];
  /** What there is to know of the plan, in sentences. */
  notes: string[];
}
