export { prepareLoras } from './prepare-loras.ts';
export type { LoraReport, NamedLora, PreparedLoras, PreparingOptions } from './types.ts';
