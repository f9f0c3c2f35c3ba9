'use client';

import { Box, Skeleton, Text } from '@mantine/core';
import { visibleText } from '#app/components/visible-text.ts';
import type { PictureView, TileView } from '#lib/previews/client.ts';
import { PictureButton } from './picture-button.tsx';
import { tileRatio } from './tile-ratio.ts';

interface TileProps {
  tile: TileView;
  /** Under the picture; the tile's whole name is said by the picture itself. */
  caption: string;
  among: readonly PictureView[];
  /** Whether what is not there yet will come. */
  coming: boolean;
}

/** One picture of a preview with its name, or the place where it will be. */
export function Tile({ tile, caption, among, coming }: TileProps) {
  const { picture } = tile;
  return (
    <Box component="figure" m={0} data-testid="preview-tile" data-drawn={picture !== null}>
      {picture === null ? <TilePlace tile={tile} coming={coming} /> : <PictureButton picture={picture} among={among} />}
      <Text component="figcaption" size="xs" c="dimmed" mt={4} className="wrap">
        {visibleText(caption)}
      </Text>
    </Box>
  );
}

/** Of the size that the picture will have. */
export function TilePlace({ tile, coming }: { tile: TileView; coming: boolean }) {
  return (
    <Skeleton
      animate={coming}
      radius="md"
      w="100%"
      h="auto"
      style={{ aspectRatio: tileRatio(tile) }}
      role="img"
      aria-label={`${visibleText(tile.label)}: ${coming ? 'not rendered yet' : 'not rendered'}`}
    />
  );
}
