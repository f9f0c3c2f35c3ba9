export { type About, readAbout, readThumbnail } from './about.ts';
export { type MergeEdge, type MergeGraph, type MergeNode, readMergeGraph } from './merge.ts';
export type { Metadata } from './read-entry.ts';
export { readTagFolders, readTriggerWords, type TagCount, type TagFolder, type TriggerWord } from './tags.ts';
export { readTraining, type TrainingGroup, type TrainingParameter } from './training.ts';
