'use client';

import { Badge } from '@mantine/core';
import { useRenderProgress } from '../components/render-progress.tsx';
import { renderProgressLabel } from '../components/update-render-progress.ts';

/** How far the pictures of a model are while they are being rendered. */
export function RenderBadge({ modelId }: { modelId: number }) {
  const progress = useRenderProgress(modelId);
  if (progress === null) return null;
  return (
    <Badge variant="default" tt="none" radius="sm" size="sm" data-testid="drawing-badge">
      {renderProgressLabel(progress)}
    </Badge>
  );
}
