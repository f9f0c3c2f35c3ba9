/** Whole numbers as ranges that rise: `[[0, 2], [5, 5]]` is 0, 1, 2 and 5. */
export type NumberSet = readonly (readonly [first: number, last: number])[];

/** Reads `0-2,5`. */
export function parseNumberSet(text: string): NumberSet {
  return text.split(',').map((part) => {
    const dash = part.indexOf('-');
    const first = Number(dash < 0 ? part : part.slice(0, dash));
    return [first, dash < 0 ? first : Number(part.slice(dash + 1))];
  });
}

export function numberSetHas(set: NumberSet, number: number): boolean {
  for (const [first, last] of set) if (number >= first && number <= last) return true;
  return false;
}

/** How many numbers a set has. */
export function sizeOfNumberSet(set: NumberSet): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Every number of a set, rising. */
export function* eachNumber(set: NumberSet): Generator<number> {
  for (const [first, last] of set) for (let number = first; number <= last; number += 1) yield number;
}
