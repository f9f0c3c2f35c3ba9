export { buildTextEncoder, type TextGraphOptions } from './build-text-encoder.ts';
export { type HiddenState, hiddenStateOf } from './hidden-state.ts';
export { readTextEncoder, readTextEncoders } from './read-encoder.ts';
export type { EncoderKind, TextBase, TextEncoder, TextLayer } from './types.ts';
