'use client';

import { createContext, type ReactNode, useContext, useState } from 'react';
import { type Drawing, noteDrawing } from './note-drawing.ts';
import { useServiceEvents } from './service-events.tsx';

const DrawingContext = createContext<ReadonlyMap<number, Drawing>>(new Map());

/** Keeps which models are being drawn, as far as events told since the page was loaded. */
export function DrawingProvider({ children }: { children: ReactNode }) {
  const [drawings, setDrawings] = useState<ReadonlyMap<number, Drawing>>(new Map());
  useServiceEvents((event) => {
    if (event.kind === 'preview') setDrawings((before) => noteDrawing(before, event));
  });
  return <DrawingContext value={drawings}>{children}</DrawingContext>;
}

/** How far the pictures of a model are; null where none are on their way. */
export function useDrawing(modelId: number | null): Drawing | null {
  const drawings = useContext(DrawingContext);
  return modelId === null ? null : (drawings.get(modelId) ?? null);
}
