import { describe, expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { type MatrixRow, matrixRows, tableOf } from '../../fixtures/identify/matrix.ts';
import { judge } from '../../fixtures/identify/matrix-verdict.ts';
import { Random } from '../../support/chaos/random.ts';

/** Every row with WEIGHHOUSE_TEST_FULL=yes; else of each template one whole file and one half, each time saved otherwise. */
const isFull = process.env.WEIGHHOUSE_TEST_FULL === 'yes';

function chooseRows(): MatrixRow[] {
  const all = matrixRows();
  if (isFull) return all;
  const byTemplate = Map.groupBy(all, ({ template }) => template);
  return [...byTemplate.values()].flatMap((rows, place) =>
    [false, true].flatMap((half) => {
      const alike = rows.filter((row) => row.half === half);
      return alike[(place * 5 + (half ? 3 : 0)) % alike.length] ?? [];
    }),
  );
}

function describeRow({ template, kind, precision, half }: MatrixRow): string {
  return [template.id, kind, precision, ...(half ? ['half'] : [])].join(' ');
}

describe('every network of every base, as people save it', () => {
  it('is never called something else with certainty, whole or by half', () => {
    const random = new Random(7);
    const wrong: string[] = [];
    for (const row of chooseRows()) {
      const table = tableOf(row, () => random.below(1 << 20) / (1 << 20));
      if (table === null) continue;
      const identity = identify(table);
      if (judge(row, identity) !== 'wrong-certain') continue;
      wrong.push(`${describeRow(row)}: ${identity.type} ${identity.base}`);
    }
    expect(wrong).toEqual([]);
  });
});
