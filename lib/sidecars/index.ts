export { listNotes } from './notes.ts';
export { claimSidecars, expireSidecars, storeSidecar } from './store-sidecar.ts';
