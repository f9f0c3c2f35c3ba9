/** Base models, one record each, and types of models. Data without dependencies: it may run in a browser. */
export { type ClassFacts, factsOfClass } from './classes.ts';
export { MODEL_TYPE_LABELS, MODEL_TYPES, type ModelType } from './model-types.ts';
export {
  baseOfArchitecture,
  baseOfCivitai,
  baseOfFileName,
  baseOfRepository,
  FINE_TUNE_LABELS,
  fineTuneOfFile,
  fineTuneOfName,
  fineTuneOfVersion,
} from './names.ts';
export { BASE_IDS, BASES, type BaseId, baseRecord, type KnownBase } from './registry.ts';
export { UNET_LAYER } from './stable-diffusion.ts';
export type { BaseProfile, BaseRecord, LoraMark } from './types.ts';
