export { compareFolder, type FolderChanges, type ModelStamp, stampOfModel } from './compare.ts';
export { type FolderWatch, type WatchOptions, watchFolder } from './events.ts';
export { isDue, SCHEDULES, type Schedule } from './schedule.ts';
