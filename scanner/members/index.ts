export { appearanceOf } from './appearance.ts';
export { findConstructors } from './constructors.ts';
export { findFrameworks } from './frameworks.ts';
export { FILE_KINDS, type FileKind } from './kinds.ts';
export { isCodeName, isPathFileName, isYamlName } from './names.ts';
export { reachesInternals } from './templates.ts';
export { hasTextEnd } from './text.ts';
