export { type FoundFile, findFiles } from './find-files.ts';
export { type FolderScan, folderJson, formatFolderText, passOver } from './passed-over.ts';
export { scanFiles } from './scan-files.ts';
export { scanHere } from './scan-here.ts';
export { type ExplainedFile, scanPath } from './scan-path.ts';
export { spool } from './stdin.ts';
export { findWholes, formatWhole, judgeWhole, reportWhole, type WholeModel, type WholeTask } from './whole-models.ts';
