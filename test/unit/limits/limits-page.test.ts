import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIMITS, RULES } from '#scanner/index.ts';
import { LIMITS_PAGE, limitsPage } from '#scripts/limits-page.ts';

it('docs/LIMITS.md says what the limits are (npm run docs mends it)', () => {
  expect(readFileSync(LIMITS_PAGE, 'utf8')).toBe(limitsPage());
});

it('every limit names a rule that exists', () => {
  for (const { rule } of LIMITS.values()) expect([...RULES.keys()]).toContain(rule);
});
