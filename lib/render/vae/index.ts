export { buildVaeDecoder, type VaeDecoderOptions } from './build-decoder.ts';
export { buildVaeEncoder, type VaeEncoderOptions } from './build-encoder.ts';
export { readVae, readVaeEncoder } from './read-vae.ts';
export { scaleFactorOf } from './scale-factor.ts';
export type { Vae, VaeEncoder } from './types.ts';
