import { describe, expect, it } from 'vitest';
import { bytesSource, scan, type Verdict } from '../../../scanner/index.ts';
import { BOMBS, CALLS, HIDDEN_NAMES, NAMES, type Row, SPELLINGS, STREAMS } from '../../fixtures/pickles.ts';
import { BENIGN, CONTAINERS } from '../../fixtures/scan-cases.ts';

type NamedRow = readonly [...Row, name?: string];

const TABLES: readonly (readonly [string, readonly NamedRow[]])[] = [
  ['opcodes that call', CALLS],
  ['hidden names', HIDDEN_NAMES],
  ['names', NAMES],
  ['broken, stacked and nested streams', STREAMS],
  ['spellings', SPELLINGS],
  ['bombs', BOMBS],
  ['containers', CONTAINERS],
  ['real files', BENIGN],
];

function scanRow([, bytes, , name]: NamedRow) {
  return scan(bytesSource(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes), name ? { name } : {});
}

describe.each(TABLES)('%s', (_, rows) => {
  it.each(rows)('%s', (...row) => {
    const report = scanRow(row as unknown as NamedRow);
    expect({ verdict: report.verdict, findings: report.findings }).toMatchObject({ verdict: row[2] });
  });
});

it('misses no attack and cries wolf at no real file', () => {
  const all = TABLES.flatMap(([, rows]) => [...rows]);
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
  const names = TABLES.flatMap(([, rows]) => rows.map(([id]) => id));
  expect(new Set(names).size).toBe(names.length);
});
