import { InvalidArgumentError } from 'commander';

/** A number of an option. Throws InvalidArgumentError for anything else. */
export function parseNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new InvalidArgumentError('Use a number, such as 0.5.');
  return number;
}
