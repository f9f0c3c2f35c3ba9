/** What of companion files may run in a browser: what their names say. */
export { modelStem, readSidecarName } from './names.ts';
