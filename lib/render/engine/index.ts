export type { ProviderState } from './choose-provider.ts';
export { ENGINE_DEFAULTS, type EngineRenderer, openRenderer } from './renderer.ts';
