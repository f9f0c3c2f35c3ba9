'use client';

import { Box, Text } from '@mantine/core';
import { isInProgress } from '#app/components/preview-labels.ts';
import { visibleText } from '#app/components/visible-text.ts';
import type { PreviewView } from '#lib/previews/client.ts';
import { Tile } from './tile.tsx';
import classes from './tile-grid.module.css';

/** Tiles by what they vary: a row each prompt or seed, a column each seed or kind. A single column lies down as one row. */
export function TileGrid({ preview }: { preview: PreviewView }) {
  const { tiles, axes, layout } = preview;
  const among = tiles.flatMap(({ picture }) => picture ?? []);
  const coming = isInProgress(preview.state);
  const isFlat = axes.columns.length === 1;
  const rows = isFlat
    ? [{ name: null, tiles }]
    : axes.rows.map((name, row) => ({ name, tiles: tiles.filter((tile) => tile.row === row) }));
  return (
    <Box className={classes.rows} style={{ '--widest': `${WIDEST[isFlat ? 'flat' : layout]}px` }}>
      {rows.map((row) => (
        <div key={row.name}>
          {row.name !== null && rows.length > 1 && (
            <Text size="sm" fw={600} mb={6}>
              {visibleText(row.name)}
            </Text>
          )}
          <Box className={classes.row} style={columnsOf(isFlat ? tiles.length : axes.columns.length)}>
            {row.tiles.map((tile) => (
              <Tile
                key={`${tile.row} ${tile.column}`}
                tile={tile}
                caption={(isFlat ? axes.rows[tile.row] : axes.columns[tile.column]) || tile.label}
                among={among}
                coming={coming}
              />
            ))}
          </Box>
        </div>
      ))}
    </Box>
  );
}

/** Pixels that a tile takes at most: two side by side are compared, many are looked over. */
const WIDEST = { samples: 150, flat: 240, comparison: 300, sweep: 150 } as const;

/** More than these next to each other would be too small to see anything; the others go on below. */
function columnsOf(count: number) {
  return { '--columns': Math.min(count, 4), '--columns-narrow': Math.min(count, 3) };
}
