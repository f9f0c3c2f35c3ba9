import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bytesSource, RULES, type Severity, scan } from '#scanner/index.ts';
import { makeRulesPage } from '#scripts/rules-page.ts';
import { BOMBS, CALLS, HIDDEN_NAMES, latin1, NAMES, SPELLINGS, STREAMS } from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'RULES.md'), 'utf8');

it('docs/RULES.md says what the rules say, with an example of each (npm run docs mends it)', () => {
  expect(page).toBe(makeRulesPage());
});

it('docs/RULES.md has a heading for every rule, to which reports link', () => {
  for (const id of RULES.keys()) expect(page).toContain(`\n### \`${id}\`\n`);
});

it('no case has a finding that weighs more or less than its rule says', () => {
  for (const [id, bytes, , name] of [
    ...CALLS,
    ...HIDDEN_NAMES,
    ...NAMES,
    ...STREAMS,
    ...SPELLINGS,
    ...BOMBS,
    ...CONTAINERS,
    ...BENIGN,
  ] as (readonly [string, string | Uint8Array, string, string?])[]) {
    const source = bytesSource(typeof bytes === 'string' ? latin1(bytes) : bytes);
    for (const { rule, severity } of scan(source, name ? { name } : {}).findings) {
      expect(RULES.get(rule)?.severities, `${id}: ${rule}`).toContain(severity satisfies Severity);
    }
  }
});
