/** The stages that every file goes through, in their order. */
export const STAGES = ['hash', 'scan', 'identify', 'convert', 'verify'] as const;

export type IngestStage = (typeof STAGES)[number];

/** What runs in a process of its own: the stages of every file, and what people ask for. */
export type StageName = IngestStage | 'measure' | 'merge' | 'variant';

/** How a stage ended that gave no result. `refused` is its own word about the file; the others are about the run. */
export type StageFailure = 'refused' | 'time_limit' | 'out_of_memory' | 'crash';
