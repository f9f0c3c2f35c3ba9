'use client';

import { Badge } from '@mantine/core';
import { useDrawing } from '../components/drawing.tsx';
import { drawingLabel } from '../components/note-drawing.ts';

/** How far the pictures of a model are while they are being drawn. */
export function DrawingBadge({ modelId }: { modelId: number }) {
  const drawing = useDrawing(modelId);
  if (drawing === null) return null;
  return (
    <Badge variant="default" tt="none" radius="sm" size="sm" data-testid="drawing-badge">
      {drawingLabel(drawing)}
    </Badge>
  );
}
