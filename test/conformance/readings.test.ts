import { describe, expect, it } from 'vitest';
import { sniffContainer } from '#scanner/containers/index.ts';
import { bytesSource, type LoaderId, scan, verdictOf } from '#scanner/index.ts';
import { FORMAT_OF } from '#scanner/inspect/readings.ts';
import { loadersOf } from '#scanner/loaders/index.ts';
import { corpusFiles } from '../fixtures/corpus.ts';
import { makePolyglots } from '../fixtures/polyglots.ts';
import { findForbidden } from './support/allowed.ts';
import { NO_PYTHON, python } from './support/python.ts';
import { runLoaders } from './support/readings.ts';

if (python === null) console.info(NO_PYTHON);

const MAX_BYTES = 20_000;

interface Case {
  id: string;
  bytes: Uint8Array;
}

/** Most files of the corpus are about what a pickle does, not about which program takes it: one in eight of them will do. */
function isCompared({ bytes }: Case, index: number): boolean {
  if (bytes.length > MAX_BYTES) return false;
  return index % 8 === 0 || !['pickle', 'torch-zip', 'zip'].includes(sniffContainer(bytesSource(bytes)));
}

/** Files that a real program took in a way that was not judged, or that it would run something from and are called clean. */
function findMissed(cases: readonly Case[]) {
  const { loaders, runs } = runLoaders(cases.map(({ bytes }) => bytes));
  const counts = new Map<string, number>();
  const missed = cases.flatMap(({ id, bytes }, index) => {
    const source = bytesSource(bytes);
    const { verdict, container, readings, findings } = scan(source);
    const judged = new Map<LoaderId, string>(
      readings?.map((reading) => [reading.loader, reading.verdict]) ??
        loadersOf(source, FORMAT_OF[container]).map((loader) => [loader, verdictOf(findings)]),
    );
    return (runs[index] ?? []).flatMap(({ entries, taken }) => {
      const forbidden = findForbidden({ ...taken, pickles: 0 });
      const verdicts = entries.flatMap((entry) => judged.get(entry) ?? []);
      for (const entry of entries) if (judged.has(entry)) counts.set(entry, (counts.get(entry) ?? 0) + 1);
      const isMissed = forbidden === null ? verdicts.length === 0 : verdicts.every((one) => one === 'clean');
      return isMissed || (forbidden !== null && verdict === 'clean')
        ? [{ id, container, verdict, entries, taken }]
        : [];
    });
  });
  console.info(`${cases.length} files, ${loaders.length} programs: ${JSON.stringify(Object.fromEntries(counts))}`);
  return { missed, counts };
}

describe.skipIf(python === null)('whatever a real program takes', () => {
  it('is a reading that was judged: files of two formats', () => {
    const { missed, counts } = findMissed(makePolyglots());
    expect(missed).toEqual([]);
    expect(counts.get('tarfile')).toBeGreaterThan(50);
  });

  it('is a reading that was judged: the corpus', () => {
    const { missed, counts } = findMissed(corpusFiles().filter(isCompared));
    expect(missed).toEqual([]);
    // Without NumPy and PyTorch these are the standard library's.
    expect(counts.size).toBeGreaterThan(5);
  });
});
