export { type ComfyCheck, checkComfy } from './check.ts';
export { readCheckpointParts } from './checkpoint-parts.ts';
export { titleOf } from './companions.ts';
export { COMFY_BASES } from './families.ts';
export { type ComfyRenderer, openComfyRenderer } from './renderer.ts';
export {
  type CheckpointParts,
  COMPANIONS,
  type ComfyFile,
  type ComfyLimits,
  type ComfyOptions,
  type ComfyRequest,
  type Companion,
  DEFAULT_COMFY_LIMITS,
  type Graph,
  type ModelFolder,
  type SharedFolderOptions,
} from './types.ts';
export type { UploadWay } from './upload-model.ts';
export { buildWorkflow, type Workflow, type WorkflowFiles } from './workflow.ts';
