export { checkSidecar, MAX_SIDECAR_BYTES } from './check.ts';
export { claimSidecars, expireSidecars, keepSidecar } from './keep.ts';
export { modelStem, readSidecarName, type SidecarKind } from './names.ts';
