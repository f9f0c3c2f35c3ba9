import type { TileView } from '#lib/previews/client.ts';

/** Width by height of a tile as CSS writes it: the picture's own, or what the plan says until there is one. */
export function tileRatio({ picture, width, height }: Pick<TileView, 'picture' | 'width' | 'height'>): string {
  return picture === null ? `${width} / ${height}` : `${picture.width} / ${picture.height}`;
}
