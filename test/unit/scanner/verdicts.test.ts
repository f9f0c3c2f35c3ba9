import { describe, expect, it } from 'vitest';
import { bytesSource, scan, type Verdict } from '#scanner/index.ts';
import { CORPUS, type CorpusRow } from '../../fixtures/corpus.ts';

function scanRow([, bytes, , name]: CorpusRow) {
  return scan(bytesSource(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes), name ? { name } : {});
}

describe.each(CORPUS)('%s', (_, rows) => {
  it.each(rows)('%s', (...row) => {
    const report = scanRow(row as unknown as CorpusRow);
    expect({ verdict: report.verdict, findings: report.findings }).toMatchObject({ verdict: row[2] });
  });
});

it('misses no attack and cries wolf at no real file', () => {
  const all = CORPUS.flatMap(([, rows]) => [...rows]);
  const counts = new Map<string, number>();
  for (const row of all) {
    const key = `${row[2]} → ${scanRow(row).verdict}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  console.info([...counts].map(([key, count]) => `${key}: ${count}`).join('\n'));
  const wrong = (expected: Verdict, got: Verdict) => counts.get(`${expected} → ${got}`) ?? 0;
  expect(wrong('dangerous', 'clean') + wrong('suspicious', 'clean') + wrong('malformed', 'clean')).toBe(0);
  expect(wrong('clean', 'dangerous') + wrong('clean', 'suspicious') + wrong('clean', 'malformed')).toBe(0);
});

it('gives every row a name of its own', () => {
  const names = CORPUS.flatMap(([, rows]) => rows.map(([id]) => id));
  expect(new Set(names).size).toBe(names.length);
});
