export { checkSidecar, MAX_SIDECAR_BYTES } from './check.ts';
export { modelStem, readSidecarName, readSidecarNames, type SidecarKind, type SidecarName } from './names.ts';
export { MAX_NOTES, readSidecarNotes, type SidecarNote } from './read-notes.ts';
