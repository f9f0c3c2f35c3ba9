'use client';

import { createContext, useContext } from 'react';
import type { PictureView } from '#lib/previews/client.ts';

export interface Gallery {
  modelId: number;
  /** Whether a picture is to be blurred still. */
  isConcealed: (picture: PictureView) => boolean;
  reveal: (picture: PictureView) => void;
  /** Shows a picture large, with others to go on to. */
  open: (picture: PictureView, among: readonly PictureView[]) => void;
  /** Has everything asked for again, after something was changed. */
  refresh: () => void;
}

export const GalleryContext = createContext<Gallery | null>(null);

export function useGallery(): Gallery {
  const gallery = useContext(GalleryContext);
  if (gallery === null) throw new Error('useGallery needs a GalleryProvider around it.');
  return gallery;
}
