import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpusPickles } from '../fixtures/corpus.ts';
import { arbitraryPickle, changes, mutate } from './support/arbitrary-pickle.ts';
import { compareStreams } from './support/opcode-stream.ts';
import { makePickles, NO_PYTHON, python, runGenops } from './support/python.ts';

if (python === null) console.info(NO_PYTHON);

/** Larger ones are the bombs, which take Python minutes to write out. */
const MAX_BYTES = 100_000;

function disagreements(pickles: readonly { id: string; bytes: Uint8Array }[]) {
  const small = pickles.filter(({ bytes }) => bytes.length <= MAX_BYTES);
  const answers = runGenops(small.map(({ bytes }) => bytes));
  expect(answers).toHaveLength(small.length);
  console.info(`${small.length} pickles, ${answers.reduce((sum, { ops }) => sum + ops.length, 0)} opcodes`);
  return small.flatMap(({ id, bytes }, index) =>
    compareStreams(bytes, answers[index] ?? { ops: [], error: '' }).map((found) => ({ id, ...found })),
  );
}

const numbered = (all: readonly Uint8Array[]) =>
  all.map((bytes) => ({ id: Buffer.from(bytes.subarray(0, 200)).toString('latin1'), bytes }));

describe.skipIf(python === null)('opcodes, places and arguments are those of pickletools', () => {
  it('on every pickle of the corpus', () => {
    expect(disagreements(corpusPickles())).toEqual([]);
  });

  it('on values that CPython pickles', () => {
    expect(disagreements(numbered(makePickles(1, 1000)))).toEqual([]);
  });

  it('on streams of every opcode', () => {
    expect(disagreements(numbered(fc.sample(arbitraryPickle, { numRuns: 2000, seed: 1 })))).toEqual([]);
  });

  it('on changed ones, as far as pickletools reads', () => {
    const pickles = [
      ...corpusPickles().map(({ bytes }) => bytes),
      ...makePickles(2, 200),
      ...fc.sample(arbitraryPickle, { numRuns: 300, seed: 2 }),
    ].filter(({ length }) => length < 2000);
    const edits = fc.sample(changes, { numRuns: pickles.length * 5, seed: 3 });
    const mutants = edits.map((edit, index) => mutate(pickles[index % pickles.length] ?? new Uint8Array(), edit));
    expect(disagreements(numbered(mutants))).toEqual([]);
  });
});
