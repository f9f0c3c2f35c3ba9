export { checkComfyServer } from './check-comfy.ts';
export { editPreviewSettings, getPreviewSettings } from './preview-settings.ts';
