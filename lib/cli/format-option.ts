import { Option } from 'commander';

export type Format = 'text' | 'json';

/** `--format text|json`, which every command that reads files has. */
export function formatOption(): Option {
  return new Option('--format <format>', 'output format').choices(['text', 'json']).default('text');
}

/** Prints JSON whose text a terminal shows and does not obey: JSON itself leaves many control characters as they are. */
export function printJson(value: object): void {
  const json = JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\p{Cf}]/gu, escapeUnits);
  process.stdout.write(`${json}\n`);
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
