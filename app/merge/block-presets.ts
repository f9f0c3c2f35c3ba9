import type { BaseId } from '#scanner/bases/index.ts';

/** Blocks of the UNets whose blocks can be weighed one by one: inputs or outputs; one middle stands between. */
const HALVES: Readonly<Partial<Record<BaseId, number>>> = { sd1: 12, sd2: 12, sdxl: 9 };

/** How many block weights a base version takes; null where it has none. */
export function countBlocks(base: string): number | null {
  const half = HALVES[base as BaseId];
  return half === undefined ? null : 2 * half + 1;
}

/** Weights people begin with, by the share of the way from the first input (0) to the last output (1). */
const PRESETS: readonly (readonly [id: string, label: string, weigh: (place: number) => number])[] = [
  ['half', 'All at 0.5', () => 0.5],
  ['rising', 'Increasing from 0 to 1', (place) => place],
  ['falling', 'Decreasing from 1 to 0', (place) => 1 - place],
  ['inputs', 'Input blocks only (composition)', (place) => (place < 0.5 ? 1 : 0)],
  ['middle', 'Middle blocks only', (place) => 1 - Math.abs(2 * place - 1)],
  ['outputs', 'Output blocks only (style)', (place) => (place > 0.5 ? 1 : 0)],
];

export const BLOCK_PRESETS = PRESETS.map(([value, label]) => ({ value, label }));

/** The numbers of a preset for so many blocks, as a text to edit. */
export function writePreset(id: string, count: number): string {
  const presetWeights = PRESETS.find(([value]) => value === id)?.[2] ?? (() => 0.5);
  return Array.from({ length: count }, (_, index) => Number(presetWeights(index / (count - 1)).toFixed(2))).join(', ');
}

/** The numbers in a text; null where one is none, or beyond -2 to 2. */
export function readBlocks(text: string): number[] | null {
  const numbers = text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
  return numbers.every((number) => Math.abs(number) <= 2) ? numbers : null;
}
