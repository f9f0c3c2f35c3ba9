import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withSettingsTable } from '#scripts/settings-table.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8');

it('the README lists every setting as the code has it (npm run docs mends it)', () => {
  expect(readme).toBe(withSettingsTable(readme));
});

it('the README shows the two commands before anything else', () => {
  const [first] = /```sh\n[\s\S]*?```/.exec(readme) ?? [];
  expect(first).toMatch(/^```sh\nnpm start .*\nnpm test .*\n```$/);
});
