import type { TileView } from '#lib/previews/client.ts';

/** The tiles of a LoRA's sweep: one row a seed, one column a weight. */
export interface SweepColumns {
  /** LoRA weights in the order of the columns. */
  weights: number[];
  seeds: number[];
  /** Null where the plan has no such tile. */
  tileAt(row: number, column: number): TileView | null;
}

export function arrangeSweep(tiles: readonly TileView[]): SweepColumns {
  const byPlace = new Map(tiles.map((tile) => [`${tile.row} ${tile.column}`, tile]));
  const inOrder = (pick: (tile: TileView) => number, place: (tile: TileView) => number) =>
    [...new Map(tiles.map((tile) => [place(tile), pick(tile)]))].sort(([a], [b]) => a - b).map(([, value]) => value);
  return {
    weights: inOrder(
      ({ loraWeight }) => loraWeight ?? 0,
      ({ column }) => column,
    ),
    seeds: inOrder(
      ({ seed }) => seed,
      ({ row }) => row,
    ),
    tileAt: (row, column) => byPlace.get(`${row} ${column}`) ?? null,
  };
}

/** The column that is shown before anybody chose: the full weight, or until that is rendered the last one that is. */
export function defaultColumn({ weights, tileAt }: SweepColumns, row: number): number {
  const full = Math.max(0, weights.indexOf(1));
  if (tileAt(row, full)?.picture) return full;
  const rendered = weights.findLastIndex((_, column) => tileAt(row, column)?.picture);
  return rendered === -1 ? full : rendered;
}
