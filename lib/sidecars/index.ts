export { claimSidecars, expireSidecars, keepSidecar } from './keep.ts';
export { listNotes } from './notes.ts';
