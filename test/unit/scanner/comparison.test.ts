import { expect, it } from 'vitest';
import { comparisonPage } from '#bench/scan/comparison-page.ts';
import { corpusFiles } from '../../fixtures/corpus.ts';

const files = corpusFiles();
const pageOf = (theirs: string) =>
  comparisonPage(
    files.map(({ id, expected }) => ({ id, ours: expected, expected, theirs: [theirs] })),
    { other: '1.0' },
  );
const idsOf = (page: string) => [...page.matchAll(/^\| ([^| ]+) \|.*$/gm)].map(([, id]) => id);

it('the comparison with other scanners has each clean file with a reason where another says dangerous', () => {
  const page = pageOf('dangerous');
  const clean = files.filter(({ expected }) => expected === 'clean').map(({ id }) => id);
  expect(clean.filter((id) => !idsOf(page).includes(id))).toEqual([]);
  expect([...page.matchAll(/^\| ([^| ]+) .*\| Clean\. \|$/gm)].map(([, id]) => id)).toEqual([]);
});

it('the comparison has each other file once, in a group with a reason, where another says clean', () => {
  const ids = idsOf(pageOf('clean'));
  const flagged = files.filter(({ expected }) => expected !== 'clean').map(({ id }) => id);
  expect(flagged.filter((id) => ids.filter((other) => other === id).length !== 1)).toEqual([]);
});
