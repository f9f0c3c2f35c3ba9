export { listNotes } from './notes.ts';
export { claimSidecars, expireSidecars, keepSidecars, type NewSidecar, storeSidecar } from './store-sidecar.ts';
