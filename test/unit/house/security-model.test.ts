import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCOPE_WORDS } from '#lib/accounts/client.ts';
import { PROGRAMS } from '#lib/process/programs.ts';

const page = readFileSync('docs/SECURITY-MODEL.md', 'utf8');
const rowsOf = (heading: string) => {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n', 1)[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

it('the security model has every scope of a token, in the same words', () => {
  expect(rowsOf('scope of a token')).toEqual(
    Object.entries(SCOPE_WORDS).map(([scope, words]) => [`\`${scope}\``, words]),
  );
});

it('the security model says of every program what it may do', () => {
  const named = rowsOf('process').flatMap(([name = '']) => /^`([\w-]+)`/.exec(name)?.[1] ?? []);
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(PROGRAMS).toSorted());
});
