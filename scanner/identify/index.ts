export type { NamedTensors } from './contents.ts';
export { identify, identifyFile } from './identify.ts';
export { type Header, type ModuleMatch, matchModules } from './match-modules.ts';
export { judgePairing, type PairedIdentity, type Pairing } from './pairing.ts';
export type * from './types.ts';
