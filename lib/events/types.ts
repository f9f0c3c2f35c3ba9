import type { StageName } from '../stages.ts';

/** What `/api/events` sends. Ids only: the receiver asks for what it wants to show. */
export type ServiceEvent =
  | { kind: 'upload'; uploadId: string; userId: string }
  | { kind: 'file'; fileId: number; modelId: number; ownerId: string | null }
  | { kind: 'remote'; importId: number; ownerId: string }
  | { kind: 'import'; importId: number; ownerId: string }
  | { kind: 'bulk'; jobId: number; ownerId: string }
  | { kind: 'merge'; mergeId: number; ownerId: string; progress: number }
  | {
      kind: 'preview';
      previewId: number;
      modelId: number;
      ownerId: string | null;
      /** Whether everybody sees the model, and so may hear of it. */
      published: boolean;
      state: string;
      /** Tiles rendered, and tiles in all. */
      done: number;
      total: number;
    }
  | { kind: 'stage'; fileId: number; modelId: number; ownerId: string | null; stage: StageName; progress: number };
