import sharp, { type OverlayOptions } from 'sharp';
import type { Picture } from '../render/index.ts';
import { measureText, shortenText, textPath, wrapText } from './font/index.ts';
import { cellCorner, type GridAxis, type GridLayout, layoutGrid } from './grid-layout.ts';
import { INFOTEXT_KEYWORD } from './png.ts';
import { insertText } from './png-chunks.ts';

/** A picture, or the reason in words why there is none. */
export type GridCell = { picture: Picture } | { failure: string };

export interface Grid {
  columns: GridAxis;
  rows: GridAxis;
  /** Row by row from the upper left: as many as columns times rows. */
  cells: readonly GridCell[];
  /** Size of a tile in pixels, which cells without a picture keep. */
  tile: { width: number; height: number };
  infotext: string | null;
}

export interface RenderedGrid {
  /** With the infotext in it. */
  png: Buffer;
  width: number;
  height: number;
}

const PAPER = '#ffffff';
const INK = '#1a1b1e';
const BLANK = '#e9ecef';
const MAX_LINES = 6;

/**
 * Renders tiles as one picture: columns and rows with their titles and labels. A cell without a picture stays blank and
 * says why, so that the grid keeps its shape; a picture of another size is fitted into its cell. Where the grid would
 * have more than 48 megapixels all cells are smaller. Throws where the number of cells does not fit the axes.
 */
export async function renderGrid(grid: Grid): Promise<RenderedGrid> {
  const { columns, rows, cells } = grid;
  const columnCount = columns.labels.length;
  if (cells.length === 0 || cells.length !== columnCount * rows.labels.length)
    throw new Error(`${cells.length} cells do not fill ${columnCount} columns and ${rows.labels.length} rows.`);
  const layout = layoutGrid(columns, rows, grid.tile);
  const { width, height, left, top } = layout;
  const overlays: OverlayOptions[] = [
    { input: svgImage(width, top, columnLabels(layout, columns)), left: 0, top: 0 },
    { input: svgImage(left, height, rowLabels(layout, rows)), left: 0, top: 0 },
  ];
  for (const [index, cell] of cells.entries()) {
    const { x, y } = cellCorner(layout, index % columnCount, Math.floor(index / columnCount));
    overlays.push(await renderCell(layout, cell, x, y));
  }
  const png = await sharp({ create: { width, height, channels: 3, background: PAPER } })
    .composite(overlays)
    .removeAlpha()
    .png()
    .toBuffer();
  return { png: grid.infotext === null ? png : insertText(png, INFOTEXT_KEYWORD, grid.infotext), width, height };
}

async function renderCell(layout: GridLayout, cell: GridCell, x: number, y: number): Promise<OverlayOptions> {
  const { cellWidth, cellHeight } = layout;
  if ('failure' in cell)
    return { input: svgImage(cellWidth, cellHeight, blankCell(layout, cell.failure), BLANK), left: x, top: y };
  const { width, height, pixels } = cell.picture;
  const raw = { width, height, channels: 3 as const };
  if (width === cellWidth && height === cellHeight)
    return { input: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length), raw, left: x, top: y };
  const { data, info } = await sharp(pixels, { raw })
    .resize(cellWidth, cellHeight, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    input: data,
    raw: { width: info.width, height: info.height, channels: 3 },
    left: x + Math.floor((cellWidth - info.width) / 2),
    top: y + Math.floor((cellHeight - info.height) / 2),
  };
}

function columnLabels(layout: GridLayout, { title, labels }: GridAxis): string[] {
  const { fontSize, width, left, gap, cellWidth } = layout;
  return [
    centred(title, (left + width - gap) / 2, fontSize * 1.5, fontSize, width - left),
    ...labels.map((label, column) => {
      const { x } = cellCorner(layout, column, 0);
      return centred(label, x + cellWidth / 2, fontSize * 3.2, fontSize, cellWidth);
    }),
  ];
}

function rowLabels(layout: GridLayout, { title, labels }: GridAxis): string[] {
  const { fontSize, left, cellHeight } = layout;
  const room = left - fontSize;
  const alignRight = (text: string, y: number) => {
    const short = shortenText(text, fontSize, room);
    return textPath(short, left - fontSize / 2 - measureText(short, fontSize), y, fontSize);
  };
  return [
    alignRight(title, fontSize * 3.2),
    ...labels.map((label, row) => alignRight(label, cellCorner(layout, 0, row).y + cellHeight / 2 + fontSize * 0.35)),
  ];
}

function blankCell(layout: GridLayout, failure: string): string[] {
  const { cellWidth, cellHeight, fontSize } = layout;
  const room = cellWidth - fontSize;
  const lines = wrapText(failure, fontSize, room, MAX_LINES);
  const first = cellHeight / 2 - ((lines.length - 1) / 2) * fontSize * 1.4 + fontSize * 0.35;
  return [...lines.map((line, index) => centred(line, cellWidth / 2, first + index * fontSize * 1.4, fontSize, room))];
}

function centred(text: string, x: number, y: number, size: number, room: number): string {
  const short = shortenText(text, size, room);
  return textPath(short, x - measureText(short, size) / 2, y, size);
}

/** An SVG of paths alone: letters are outlines, so no text of anybody stands in it. */
function svgImage(width: number, height: number, paths: readonly string[], background = PAPER): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="${background}"/><path fill="${INK}" d="${paths.join('')}"/></svg>`,
  );
}
