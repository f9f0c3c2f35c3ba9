import type { EngineOptions, Provider, RenderErrorCode, RenderEvent, RenderReport, RenderRequest } from '../types.ts';
import type { ProviderState } from './choose-provider.ts';

/** What the engine's process is told. */
export type EngineCommand =
  | {
      kind: 'render';
      request: RenderRequest;
      options: EngineOptions;
      /** Providers that failed before, with the reason. */
      skipped: [Provider, string][];
      /** Draw smaller than asked, and keep one network in memory at a time. */
      frugal: boolean;
    }
  | { kind: 'probe'; options: EngineOptions; skipped: [Provider, string][] }
  | { kind: 'cancel' };

/** What it answers. The last of a command is `done`, `states` or `failed`. */
export type EngineAnswer =
  /** Named before it is tried, for where its driver ends the process. */
  | { kind: 'trying'; provider: Provider }
  | { kind: 'chosen'; provider: Provider }
  | { kind: 'event'; event: RenderEvent }
  | { kind: 'done'; report: RenderReport }
  | { kind: 'states'; states: readonly ProviderState[] }
  | { kind: 'failed'; code: RenderErrorCode; message: string };
