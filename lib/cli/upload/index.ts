export { type FolderModels, findModels } from './find-models.ts';
export { sendFile } from './send-file.ts';
export { sendModel } from './send-model.ts';
