'use client';

import { Text, UnstyledButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { PictureFrame } from '#app/components/picture-frame.tsx';
import type { TileView } from '#lib/previews/client.ts';
import classes from './sweep.module.css';
import { TilePlace } from './tile.tsx';
import { useGallery } from './use-gallery.ts';

interface SweepStripProps {
  weights: readonly number[];
  tiles: readonly (TileView | null)[];
  /** The column that is shown large. */
  shown: number;
  coming: boolean;
  onChoose: (column: number) => void;
}

/** All weights side by side, to be scrolled where there is no room; choosing one shows it large. */
export function SweepStrip({ weights, tiles, shown, coming, onChoose }: SweepStripProps) {
  const { isConcealed } = useGallery();
  const strip = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const list = strip.current;
    const item = list?.children[shown];
    // Not `scrollIntoView`: it would move the page too.
    if (list && item instanceof HTMLElement)
      list.scrollLeft = item.offsetLeft - (list.clientWidth - item.clientWidth) / 2;
  }, [shown]);
  return (
    <ul className={classes.strip} ref={strip} aria-label="LoRA weights" data-testid="sweep-strip">
      {weights.map((weight, column) => {
        const tile = tiles[column];
        if (!tile) return null;
        const { picture } = tile;
        return (
          <li key={`${column} ${weight}`} data-testid="preview-tile" data-drawn={picture !== null}>
            <UnstyledButton
              w="100%"
              className={classes.choice}
              aria-pressed={column === shown}
              aria-label={`LoRA weight ${weight}${picture === null ? ', not rendered yet' : ''}`}
              onClick={() => onChoose(column)}
            >
              {picture === null ? (
                <TilePlace tile={tile} coming={coming} />
              ) : (
                <PictureFrame picture={picture} alt="" concealed={isConcealed(picture)} overlay="sign" />
              )}
            </UnstyledButton>
            <Text size="xs" ta="center" c="dimmed" mt={2} aria-hidden>
              {weight}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}
