import { expect, it } from 'vitest';
import { arrangeSweep, defaultColumn } from '#app/models/[id]/previews/arrange-sweep.ts';
import { tileRatio } from '#app/models/[id]/previews/tile-ratio.ts';
import type { PictureView, TileView } from '#lib/previews/client.ts';

const picture = (id: number) => ({ id, width: 64, height: 96 }) as PictureView;

/** The tiles of a sweep whose first `drawn` are there. */
function sweep(weights: readonly number[], seeds: readonly number[], drawn: number): TileView[] {
  return seeds.flatMap((seed, row) =>
    weights.map((loraWeight, column) => {
      const index = row * weights.length + column;
      const label = `LoRA weight ${loraWeight}, seed ${seed}`;
      return {
        row,
        column,
        label,
        seed,
        loraWeight,
        width: 512,
        height: 768,
        picture: index < drawn ? picture(index) : null,
      };
    }),
  );
}

it('keeps the order of the profile, not of the numbers', () => {
  const laid = arrangeSweep(sweep([1, 0, -0.5], [7, 3], 0).toReversed());
  expect(laid.weights).toEqual([1, 0, -0.5]);
  expect(laid.seeds).toEqual([7, 3]);
  expect(laid.tileAt(1, 2)?.label).toBe('LoRA weight -0.5, seed 3');
  expect(laid.tileAt(2, 0)).toBeNull();
});

it('has a column for each weight, also where two are the same', () => {
  expect(arrangeSweep(sweep([0.5, 0.5, 1], [1], 0)).weights).toEqual([0.5, 0.5, 1]);
});

it('rests at the full weight, and until that is drawn at the last picture that is', () => {
  const weights = [0, 0.5, 0.75, 1, 1.25];
  const resting = (drawn: number, row = 0) => defaultColumn(arrangeSweep(sweep(weights, [1, 2], drawn)), row);
  expect(resting(0)).toBe(3);
  expect(resting(1)).toBe(0);
  expect(resting(3)).toBe(2);
  expect(resting(4)).toBe(3);
  expect(resting(5)).toBe(3);
  expect(resting(7, 1)).toBe(1);
});

it('rests at the beginning where no weight is the full one', () => {
  expect(defaultColumn(arrangeSweep(sweep([0.2, 0.4], [1], 0)), 0)).toBe(0);
  expect(defaultColumn(arrangeSweep([]), 0)).toBe(0);
});

it('gives a tile the size of its picture, and before that of the plan', () => {
  const [drawn, planned] = sweep([0, 1], [1], 1);
  expect(drawn && tileRatio(drawn)).toBe('64 / 96');
  expect(planned && tileRatio(planned)).toBe('512 / 768');
});
