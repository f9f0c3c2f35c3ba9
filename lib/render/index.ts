export type { ProviderState } from './engine/choose-provider.ts';
export { ENGINE_DEFAULTS, type EngineRenderer, openRenderer } from './engine/renderer.ts';
export * from './types.ts';
