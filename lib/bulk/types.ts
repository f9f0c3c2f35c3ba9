import type { BulkItemState, BulkState } from '../db/index.ts';

/** What a page shows of a bulk job. */
export interface BulkJobView {
  id: number;
  /** What is done, in words: `Add the tags anime, style`. */
  title: string;
  state: BulkState;
  owner: string;
  createdAt: string;
  endedAt: string | null;
  total: number;
  counts: Record<BulkItemState, number>;
  /** The job that this one takes back. */
  undoOfId: number | null;
  /** The job that takes this one back. */
  undoId: number | null;
  /** Whether what it does keeps what was before. */
  isUndoable: boolean;
  /** Whether it can be taken back now. */
  canUndo: boolean;
}

/** What became of one model. */
export interface BulkItemView {
  modelId: number;
  name: string;
  state: BulkItemState;
  reason: string | null;
}

export interface BulkItemsPage {
  items: BulkItemView[];
  /** Of the last model, where more follow. */
  next: number | null;
}
