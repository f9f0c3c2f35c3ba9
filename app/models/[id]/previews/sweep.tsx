'use client';

import { Box, Group, SegmentedControl, Slider, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { isInProgress } from '#app/components/preview-labels.ts';
import { visibleText } from '#app/components/visible-text.ts';
import type { PreviewView, TileView } from '#lib/previews/client.ts';
import { arrangeSweep, defaultColumn } from './arrange-sweep.ts';
import { PictureButton } from './picture-button.tsx';
import classes from './sweep.module.css';
import { SweepStrip } from './sweep-strip.tsx';
import { TilePlace } from './tile.tsx';
import { tileRatio } from './tile-ratio.ts';

/** A LoRA from weight to weight: a slider, the picture at that weight, and all of them as a strip. */
export function Sweep({ preview }: { preview: PreviewView }) {
  const sweep = arrangeSweep(preview.tiles);
  const { weights, seeds, tileAt } = sweep;
  const [chosenRow, setRow] = useState(0);
  const [chosen, setChosen] = useState<number | null>(null);
  const [isSideBySide, setSideBySide] = useState(false);
  // Somebody who moves the slider wants the next picture at once; who only looks by should not fetch them all.
  const [isUsed, setUsed] = useState(false);
  const row = Math.min(chosenRow, seeds.length - 1);
  const column = Math.min(chosen ?? defaultColumn(sweep, row), weights.length - 1);
  const coming = isInProgress(preview.state);
  const control = weights.indexOf(0);
  const tiles = weights.map((_, index) => tileAt(row, index));
  const choose = (index: number) => {
    setChosen(index);
    setUsed(true);
  };
  const inWords = (index: number) => {
    const tile = tiles[index];
    return `${weights[index]}${tile?.picture ? '' : ', not rendered yet'}`;
  };
  return (
    <Stack gap="sm" data-testid="sweep">
      <Box className={classes.stage} style={{ '--ratio': ratioOf(tiles[column]) }}>
        {isSideBySide && control !== -1 && <Figure tile={tiles[control]} tiles={tiles} coming={coming} />}
        <Figure tile={tiles[column]} tiles={tiles} coming={coming} testId="sweep-picture" />
      </Box>
      {isUsed && <Preload tiles={tiles} />}
      <div className={classes.slider}>
        <Slider
          onPointerEnter={() => setUsed(true)}
          onFocus={() => setUsed(true)}
          min={0}
          max={Math.max(1, weights.length - 1)}
          value={column}
          onChange={choose}
          marks={weights.map((weight, value) => ({ value, label: String(weight) }))}
          label={null}
          styles={{ markLabel: { color: 'var(--mantine-color-dimmed)' } }}
          thumbLabel="LoRA weight"
          thumbValueText={inWords}
          disabled={weights.length < 2}
        />
      </div>
      <Group justify="space-between" gap="sm">
        {seeds.length > 1 ? (
          <SegmentedControl
            size="xs"
            aria-label="Seed"
            value={String(row)}
            onChange={(value) => setRow(Number(value))}
            data={seeds.map((seed, index) => ({ value: String(index), label: `Seed ${seed}` }))}
          />
        ) : (
          <Text size="xs" c="dimmed">
            Seed {seeds[0]}
          </Text>
        )}
        {control !== -1 && (
          <Switch
            size="xs"
            label="Compare with weight 0"
            checked={isSideBySide}
            onChange={(event) => setSideBySide(event.currentTarget.checked)}
          />
        )}
      </Group>
      <SweepStrip weights={weights} tiles={tiles} shown={column} coming={coming} onChoose={choose} />
    </Stack>
  );
}

interface FigureProps {
  tile: TileView | null | undefined;
  tiles: readonly (TileView | null)[];
  coming: boolean;
  testId?: string;
}

function Figure({ tile, tiles, coming, testId }: FigureProps) {
  if (!tile) return null;
  return (
    <figure className={classes.figure} data-testid={testId} data-weight={tile.loraWeight} data-seed={tile.seed}>
      {tile.picture === null ? (
        <TilePlace tile={tile} coming={coming} />
      ) : (
        <PictureButton picture={tile.picture} among={tiles.flatMap((one) => one?.picture ?? [])} whole />
      )}
      <Text component="figcaption" size="sm" mt={6}>
        {visibleText(tile.label)}
      </Text>
    </figure>
  );
}

/** Fetches the whole pictures of all weights, so that the slider shows each at once. */
function Preload({ tiles }: { tiles: readonly (TileView | null)[] }) {
  return (
    <div hidden>
      {tiles.map((tile) =>
        tile?.picture && !tile.picture.nsfw ? <img key={tile.picture.url} src={tile.picture.url} alt="" /> : null,
      )}
    </div>
  );
}

function ratioOf(tile: TileView | null | undefined): string {
  return tile ? tileRatio(tile) : '1';
}
