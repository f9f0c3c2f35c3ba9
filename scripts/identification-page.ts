/**
 * Writes docs/identification.svg: what identification says of every network of every base, saved in every way, whole and
 * with half of its tensors left out: `npm run docs:identification`, a minute. The numbers are those of test/unit/identify/confusion.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '#scanner/identify/index.ts';
import { ADAPTER_KINDS, type MatrixRow, matrixRows, PRECISIONS, tableOf } from '#test/fixtures/identify/matrix.ts';
import { judge, type MatrixVerdict } from '#test/fixtures/identify/matrix-verdict.ts';
import { Random } from '#test/support/chaos/random.ts';

const COLUMNS = [...PRECISIONS.map((precision) => `whole ${precision}`), ...ADAPTER_KINDS].flatMap((name) => [
  name,
  `${name}, half`,
]);
const COLOURS: readonly (readonly [MatrixVerdict, colour: string, words: string])[] = [
  ['right-certain', '#2b8a3e', 'right, certain'],
  ['right', '#8ce99a', 'right'],
  ['open', '#ced4da', 'left open'],
  ['wrong', '#ffa94d', 'wrong, not certain'],
  ['wrong-certain', '#e03131', 'wrong, certain'],
];
const CELL = { width: 34, height: 16 };
const LEFT = 190;
const TOP = 150;

function columnOf({ kind, precision, half }: MatrixRow): string {
  const name = kind === 'whole' ? `whole ${precision}` : kind;
  return half ? `${name}, half` : name;
}

function count(): Map<string, Map<string, Map<MatrixVerdict, number>>> {
  const random = new Random(7);
  const grid = new Map<string, Map<string, Map<MatrixVerdict, number>>>();
  for (const row of matrixRows()) {
    const table = tableOf(row, () => random.below(1 << 20) / (1 << 20));
    if (table === null) continue;
    const verdict = judge(row, identify(table));
    const line = row.template.base === null ? `(${row.template.part})` : row.template.base;
    const cells = grid.getOrInsertComputed(line, () => new Map());
    const counts = cells.getOrInsertComputed(columnOf(row), () => new Map<MatrixVerdict, number>());
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return grid;
}

function draw(grid: ReturnType<typeof count>): string {
  const lines = [...grid.keys()].sort();
  const width = LEFT + COLUMNS.length * CELL.width + 20;
  const height = TOP + lines.length * CELL.height + 20;
  const totals = new Map<MatrixVerdict, number>();
  const cells = lines.flatMap((line, y) =>
    COLUMNS.flatMap((column, x) => {
      const counts = grid.get(line)?.get(column);
      if (counts === undefined) return [];
      const all = [...counts.values()].reduce((sum, number) => sum + number, 0);
      let from = LEFT + x * CELL.width;
      return COLOURS.flatMap(([verdict, colour]) => {
        const number = counts.get(verdict) ?? 0;
        if (number === 0) return [];
        totals.set(verdict, (totals.get(verdict) ?? 0) + number);
        const part = ((CELL.width - 2) * number) / all;
        const start = from;
        from += part;
        const place = `x="${start.toFixed(1)}" y="${TOP + y * CELL.height}" width="${part.toFixed(1)}"`;
        return [`<rect ${place} height="${CELL.height - 2}" fill="${colour}"/>`];
      });
    }),
  );
  const sum = [...totals.values()].reduce((all, number) => all + number, 0);
  const legend = COLOURS.map(([verdict, colour, words], place) => {
    const number = totals.get(verdict) ?? 0;
    const share = ((100 * number) / sum).toFixed(1);
    const x = 10 + place * 190;
    return `<rect x="${x}" y="10" width="12" height="12" fill="${colour}"/><text x="${x + 18}" y="20">${words}: ${number} (${share} %)</text>`;
  });
  const labels = lines.map((line, y) => `<text x="10" y="${TOP + y * CELL.height + 11}">${line}</text>`);
  const heads = COLUMNS.map((column, x) => {
    const at = `${LEFT + x * CELL.width + 12} ${TOP - 6}`;
    return `<text transform="translate(${at}) rotate(-60)">${column}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    '<title>What identification says of every network: right, left open or wrong, by base and by how it is saved</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...legend,
    ...heads,
    ...labels,
    ...cells,
    '</svg>',
    '',
  ].join('\n');
}

writeFileSync(join(import.meta.dirname, '../docs/identification.svg'), draw(count()));
