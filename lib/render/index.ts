export { ENGINE_DEFAULTS, type EngineRenderer, openRenderer, type ProviderState } from './engine/index.ts';
export { explainQuantization } from './quantization.ts';
export * from './types.ts';
