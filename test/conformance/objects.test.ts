import { describe, expect, it } from 'vitest';
import { analysePickle } from '#scanner/pickle/index.ts';
import { corpusFiles, corpusPickles } from '../fixtures/corpus.ts';
import { byMachine, byParser } from './support/canonical.ts';

const clean = new Set(corpusFiles().flatMap(({ id, expected }) => (expected === 'clean' ? [id] : [])));
/** pickleparser knows no arrays of joblib. */
const pickles = corpusPickles().filter(
  ({ id, bytes }) =>
    clean.has(id.slice(0, id.lastIndexOf(' '))) && analysePickle(bytes, { readsArrays: true }).arrays.length === 0,
);
describe('the object of a harmless pickle', () => {
  it('is one and the same to the opcode machine and to pickleparser, part for part', () => {
    const wrong: unknown[] = [];
    let compared = 0;
    for (const { id, bytes } of pickles) {
      try {
        const [ours, theirs] = [JSON.stringify(byMachine(bytes)), JSON.stringify(byParser(bytes))];
        compared += 1;
        if (ours !== theirs) wrong.push({ id, ours: ours.slice(0, 600), theirs: theirs.slice(0, 600) });
      } catch (error) {
        wrong.push({ id, error: String(error) });
      }
    }
    console.info(`${compared} of ${pickles.length} harmless pickles compared`);
    expect(wrong).toEqual([]);
    expect(compared).toBe(pickles.length);
    expect(compared).toBeGreaterThan(50);
  });
});
