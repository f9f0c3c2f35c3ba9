/** Numbers as people write them into one field: `0, 0.5, 1`. Null where something in it is no number. */
export function parseNumbers(text: string): number[] | null {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const numbers = words.map(Number);
  return numbers.every((number) => Number.isFinite(number)) ? numbers : null;
}

export function writeNumbers(numbers: readonly number[]): string {
  return numbers.join(', ');
}
