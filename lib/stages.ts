/** The stages that every file goes through, in their order. */
export const STAGES = ['hash', 'scan', 'identify', 'convert', 'verify'] as const;

export type IngestStage = (typeof STAGES)[number];

/** What runs in a process of its own: the stages of every file, and what people ask for. */
export type StageName = IngestStage | 'measure' | 'merge' | 'variant';
