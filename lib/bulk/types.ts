import type { BulkItemState, BulkState, ProposalState } from '../db/index.ts';

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
  /** Of one that only lists changes: how many nobody has decided on; null for others. */
  openProposals: number | null;
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

interface Identified {
  type: string;
  base: string;
}

/** Proposals that change the same into the same. */
export interface ProposalGroup {
  id: string;
  from: Identified;
  to: Identified;
  models: number;
  files: number;
}

/** What another identification of a file would change. */
export interface ProposalView {
  id: number;
  fileId: number;
  modelId: number;
  name: string;
  filename: string;
  state: ProposalState;
  /** The bulk change that accepted it. */
  acceptedInId: number | null;
  from: Identified & { confidence: string };
  to: Identified & { confidence: string };
  /** What changes besides: variant, family, … */
  others: ('variant' | 'family' | 'prediction' | 'algorithm' | 'candidates')[];
  evidence: { field: string; source: string; detail: string }[];
  problems: string[];
}

export interface ProposalsPage {
  counts: Record<ProposalState, number>;
  /** Of the state that is listed. */
  groups: ProposalGroup[];
  /** In the order of their files. */
  proposals: ProposalView[];
  /** The file of the last one, where more follow. */
  next: number | null;
}

/** What became of one model, where it was not changed. */
export interface EachResult {
  state: 'proposed' | 'unchanged';
  reason?: string;
}
