export type { NamedTensors } from './contents.ts';
export { listUnetNames } from './expected-unet.ts';
export { identify, identifyFile } from './identify.ts';
export { listClasses } from './list-classes.ts';
export {
  BACKBONES,
  type ChangedNetwork,
  type Header,
  type ModuleMatch,
  matchModules,
  placeOf,
  TEXT_ENCODERS,
} from './match-modules.ts';
export { canonicalUnetName, listTextLayers, OPEN_CLIP_LAYERS } from './module-names.ts';
export { originalUnetName } from './original-unet.ts';
export { judgePairing, type PairedIdentity, type Pairing } from './pairing.ts';
export { IDENTIFICATION_RULES } from './rules-version.ts';
export type * from './types.ts';
export { diffusersVaeNames, originalVaeNames, type VaeNames } from './vae-names.ts';
