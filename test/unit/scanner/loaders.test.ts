import { describe, expect, it } from 'vitest';
import { bytesSource, explain, formatExplanation, reportJson, scan } from '#scanner/index.ts';
import { corpusFiles } from '../../fixtures/corpus.ts';
import { makePolyglots } from '../../fixtures/polyglots.ts';

const polyglots = makePolyglots();

describe('a file of two formats', () => {
  it.each(polyglots.map(({ id, ...polyglot }) => [id, polyglot] as const))(
    '%s',
    (_, { bytes, host, guest, loaders }) => {
      const { verdict, readings = [], findings } = scan(bytesSource(bytes));
      const runs = guest === 'tar' || guest === 'zip';
      expect({ verdict, findings }).toMatchObject({ verdict: runs ? 'dangerous' : 'incomplete' });
      const guests = readings.filter(({ format }) => format === guest);
      expect(guests.map(({ loader }) => loader).sort()).toEqual([...loaders].sort());
      for (const reading of guests) expect(reading.verdict).toBe(verdict);
      expect(readings.some(({ format }) => format === host)).toBe(true);
    },
  );
});

it('lists no readings of a file that all programs read in one way', () => {
  const listed = corpusFiles().filter(
    ({ bytes, expected }) => expected === 'clean' && scan(bytesSource(bytes)).readings !== undefined,
  );
  expect(listed.map(({ id }) => id)).toEqual([]);
});

it('shows each reading where a file is explained, and in the JSON report', () => {
  const [polyglot] = makePolyglots();
  const explanation = explain(bytesSource(polyglot?.bytes ?? new Uint8Array()));
  const text = formatExplanation('m.safetensors', explanation);
  expect(text).toMatch(/torch\.load \(tar\) +a tar archive: dangerous\. /);
  expect(text).toMatch(/safetensors +a safetensors file: clean\. Nothing was found\./);
  expect(reportJson([{ path: 'm.safetensors', report: explanation.report }], '1')).toMatchObject({
    files: [
      {
        readings: expect.arrayContaining([
          {
            loader: 'torch-tar',
            program: 'torch.load (tar)',
            format: 'tar',
            verdict: 'dangerous',
            why: expect.any(String),
          },
        ]),
      },
    ],
  });
});
