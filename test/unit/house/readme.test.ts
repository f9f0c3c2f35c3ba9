import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importCommand } from '#lib/cli/import-command.ts';
import { withSettingsTable } from '#scripts/settings-table.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8');

it('the README lists every setting as the code has it (npm run docs mends it)', () => {
  expect(readme).toBe(withSettingsTable(readme));
});

it('the README shows the two commands before anything else', () => {
  const [first] = /```sh\n[\s\S]*?```/.exec(readme) ?? [];
  expect(first).toMatch(/^```sh\nnpm start .*\nnpm test .*\n```$/);
});

it('docs/OPERATIONS.md has a row for every option of weighhouse import, and for no other', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'OPERATIONS.md'), 'utf8');
  const [, table = ''] = /`weighhouse import FOLDER`[\s\S]*?\n\n((?:\|.*\n)+)/.exec(text) ?? [];
  const cells = table.split('\n').map((line) => line.split('|')[1] ?? '');
  const documented = cells.flatMap((cell) => cell.match(/--[a-z-]+/g) ?? []).filter((name) => /[a-z]/.test(name));
  expect(documented.toSorted()).toEqual(
    importCommand()
      .options.map(({ long }) => long)
      .toSorted(),
  );
});
