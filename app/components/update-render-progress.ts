/** Pictures of a model that wait or are being rendered. */
export interface RenderProgress {
  state: 'queued' | 'rendering';
  /** Tiles rendered, and tiles in all. */
  done: number;
  total: number;
}

interface PreviewEvent {
  modelId: number;
  state: string;
  done: number;
  total: number;
}

/** What is being rendered after an event, by the model's id: what has ended is no longer there. */
export function updateRenderProgress(
  before: ReadonlyMap<number, RenderProgress>,
  { modelId, state, done, total }: PreviewEvent,
): ReadonlyMap<number, RenderProgress> {
  const isOpen = state === 'queued' || state === 'rendering';
  if (!isOpen && !before.has(modelId)) return before;
  const after = new Map(before);
  if (isOpen) after.set(modelId, { state, done, total });
  else after.delete(modelId);
  return after;
}

/** Such as `Rendering 2/3`. */
export function renderProgressLabel({ state, done, total }: RenderProgress): string {
  return state === 'queued' ? 'Waiting for preview' : `Rendering ${done}/${total}`;
}
