'use client';

import { createContext, type ReactNode, useContext, useState } from 'react';
import { useServiceEvents } from './service-events.tsx';
import { type RenderProgress, updateRenderProgress } from './update-render-progress.ts';

const RenderProgressContext = createContext<ReadonlyMap<number, RenderProgress>>(new Map());

/** Keeps which models are being rendered, as far as events told since the page was loaded. */
export function RenderProgressProvider({ children }: { children: ReactNode }) {
  const [progressByModel, setProgressByModel] = useState<ReadonlyMap<number, RenderProgress>>(new Map());
  useServiceEvents({
    event: (event) => {
      if (event.kind === 'preview') setProgressByModel((before) => updateRenderProgress(before, event));
    },
    // Each picture tells anew how far it is.
    missed: () => {},
  });
  return <RenderProgressContext value={progressByModel}>{children}</RenderProgressContext>;
}

/** How far the pictures of a model are; null where none are on their way. */
export function useRenderProgress(modelId: number | null): RenderProgress | null {
  const progressByModel = useContext(RenderProgressContext);
  return modelId === null ? null : (progressByModel.get(modelId) ?? null);
}
