'use client';

import { type ReactNode, useMemo, useState } from 'react';
import type { ModelPreviews, PictureView } from '#lib/previews/client.ts';
import { type Gallery, GalleryContext } from './use-gallery.ts';
import { Viewer } from './viewer.tsx';

interface GalleryProviderProps {
  previews: ModelPreviews;
  refresh: () => void;
  children: ReactNode;
}

/** What the pictures of a page share: which of them a person had shown, and the viewer. */
export function GalleryProvider({ previews, refresh, children }: GalleryProviderProps) {
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set());
  const [opened, setOpened] = useState(false);
  const [shown, setShown] = useState<{ ids: readonly number[]; id: number } | null>(null);
  const gallery = useMemo<Gallery>(
    () => ({
      modelId: previews.modelId,
      isConcealed: ({ id, nsfw }) => nsfw && !revealed.has(id),
      reveal: ({ id }) => setRevealed((before) => new Set([...before, id])),
      open: ({ id }, among) => {
        setShown({ ids: among.map((one) => one.id), id });
        setOpened(true);
      },
      refresh,
    }),
    [previews.modelId, revealed, refresh],
  );
  const byId = useMemo(() => new Map(allPictures(previews).map((picture) => [picture.id, picture])), [previews]);
  const pictures = shown?.ids.flatMap((id) => byId.get(id) ?? []) ?? [];
  return (
    <GalleryContext value={gallery}>
      {children}
      <Viewer
        // Stays there when it is shut, so that the focus goes back to where it was.
        opened={opened && pictures.some(({ id }) => id === shown?.id)}
        pictures={pictures}
        shown={shown?.id ?? null}
        onShow={(id) => setShown((before) => before && { ...before, id })}
        onClose={() => setOpened(false)}
      />
    </GalleryContext>
  );
}

function allPictures({ current, older, pictures }: ModelPreviews): PictureView[] {
  const rendered = [...(current === null ? [] : [current]), ...older];
  return [
    ...rendered.flatMap(({ tiles, grid }) => [
      ...tiles.flatMap(({ picture }) => picture ?? []),
      ...(grid ? [grid] : []),
    ]),
    ...pictures,
  ];
}
