export { type ComfyCheck, checkComfy } from './check.ts';
export { COMFY_BASES } from './families.ts';
export { type ComfyRenderer, openComfyRenderer } from './renderer.ts';
export type {
  CheckpointParts,
  ComfyFile,
  ComfyLimits,
  ComfyOptions,
  ComfyRequest,
  Companion,
  Graph,
  ModelFolder,
  SharedFolderOptions,
} from './types.ts';
export type { UploadMethod } from './upload-model.ts';
export { buildWorkflow, type Workflow, type WorkflowFiles } from './workflow.ts';
