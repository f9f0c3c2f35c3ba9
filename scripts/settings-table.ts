// `npm run docs`: writes the table of settings in README.md again from `lib/config.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '#lib/config.ts';

const README = join(import.meta.dirname, '..', 'README.md');
const BEGIN = '<!-- settings: npm run docs -->';
const END = '<!-- end of settings -->';

/** The README with its table of settings as the code has them. Throws where the marks are missing. */
export function withSettingsTable(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks the marks ${BEGIN} and ${END}.`);
  const rows = Object.entries(SETTINGS).map(([name, { schema, about }]) => {
    const value = schema.safeParse(undefined).data;
    const shown =
      value === undefined || typeof value === 'object' ? '' : `\`${value === false ? 'no' : String(value)}\``;
    return `| \`${name}\` | ${shown} | ${about} |`;
  });
  const table = ['| variable | default | what it is for |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, begin)}${BEGIN}\n${table}\n${readme.slice(end)}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(README, withSettingsTable(readFileSync(README, 'utf8')));
