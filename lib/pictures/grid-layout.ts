import { measureText } from './font/index.ts';

/** One direction of a grid. */
export interface GridAxis {
  /** What varies: `LoRA weight`. */
  title: string;
  /** One for each column or row. */
  labels: readonly string[];
}

/** Where everything in a grid lies, in pixels. */
export interface GridLayout {
  width: number;
  height: number;
  /** Size of a cell. */
  cellWidth: number;
  cellHeight: number;
  gap: number;
  /** Room for the titles and labels of the rows, and of the columns. */
  left: number;
  top: number;
  /** Height of an em of labels; titles are as large and stand farther out. */
  fontSize: number;
}

/** A picture of more pixels is no use to anybody, and viewers refuse it. */
const MAX_PIXELS = 48_000_000;
const MAX_SIDE = 16_000;

/** Lays out cells of at most the given size; smaller ones where the grid would have more than 48 megapixels. */
export function layoutGrid(columns: GridAxis, rows: GridAxis, tile: { width: number; height: number }): GridLayout {
  const columnCount = columns.labels.length;
  const rowCount = rows.labels.length;
  const shrink = Math.min(
    1,
    Math.sqrt(MAX_PIXELS / (tile.width * tile.height * columnCount * rowCount * 1.2)),
    MAX_SIDE / (tile.width * columnCount * 1.2),
    MAX_SIDE / (tile.height * rowCount * 1.2),
  );
  const cellWidth = Math.max(16, Math.floor(tile.width * shrink));
  const cellHeight = Math.max(16, Math.floor(tile.height * shrink));
  const fontSize = Math.round(Math.min(40, Math.max(12, Math.min(cellWidth, cellHeight) / 18)));
  const gap = Math.max(4, Math.round(fontSize / 2));
  const widest = Math.max(...[rows.title, ...rows.labels].map((label) => measureText(label, fontSize)));
  const left = Math.ceil(Math.min(widest, Math.max(cellWidth / 2, fontSize * 11)) + fontSize * 1.5);
  const top = Math.ceil(fontSize * 4);
  return {
    width: left + columnCount * (cellWidth + gap),
    height: top + rowCount * (cellHeight + gap),
    cellWidth,
    cellHeight,
    gap,
    left,
    top,
    fontSize,
  };
}

/** The upper left corner of a cell. */
export function cellCorner(layout: GridLayout, column: number, row: number): { x: number; y: number } {
  const { left, top, cellWidth, cellHeight, gap } = layout;
  return { x: left + column * (cellWidth + gap), y: top + row * (cellHeight + gap) };
}
