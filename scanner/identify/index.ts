export type { NamedTensors } from './contents.ts';
export { identify, identifyFile } from './identify.ts';
export { BACKBONES, type Header, type ModuleMatch, matchModules, placeOf, TEXT_ENCODERS } from './match-modules.ts';
export { baseOfArchitecture, nameFamily } from './metadata.ts';
export { canonicalUnetName, listTextLayers } from './module-names.ts';
export { judgePairing, type PairedIdentity, type Pairing } from './pairing.ts';
export type * from './types.ts';
