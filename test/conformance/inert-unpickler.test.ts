import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { corpusFiles, corpusPickles } from '../fixtures/corpus.ts';
import { IS_FULL } from '../support/full.ts';
import { findForbidden } from './support/allowed.ts';
import { arbitraryPickle, changes, mutate } from './support/arbitrary-pickle.ts';
import { type InertRun, makePickles, NO_PYTHON, python, runInert } from './support/python.ts';

if (python === null) console.info(NO_PYTHON);

/** What stops CPython and says nothing of the pickle: its own limits. */
const OWN_LIMIT = /^(MemoryError|RecursionError|OverflowError)/;
const MAX_BYTES = 300_000;
/** Every value of a changed byte with `npm run test:conformance`; else one in fifteen, others at each place. */
const STEP = IS_FULL ? 1 : 15;

interface Case {
  id: string;
  bytes: Uint8Array;
}

const verdictOf = (bytes: Uint8Array) => scan(bytesSource(bytes)).verdict;
/** Behind the five pickles of an old torch file stand numbers, which are no pickle. */
const isAtNumbers = (bytes: Uint8Array, pickles: number) =>
  pickles >= 5 && scan(bytesSource(bytes)).container === 'torch-legacy';
/** Numbers stand in the middle, which joblib alone steps over. */
function holdsArrays(bytes: Uint8Array): boolean {
  let arrays = 0;
  scan(bytesSource(bytes), {
    onPickle: (analysis) => {
      arrays += analysis.arrays.length;
    },
  });
  return arrays > 0;
}

/** A program is brought in, what was only made while loading is called, or a class is changed. */
const isRunning = ([what, name]: InertRun['events'][number]) =>
  what === 'extension' ||
  what === 'call-result' ||
  what === 'set-attribute' ||
  (what === 'import' && name === 'os.system');
const isCheap = ({ bytes }: Case) => bytes.length <= MAX_BYTES;
const named = (all: readonly Uint8Array[]): Case[] =>
  all.map((bytes) => ({ id: Buffer.from(bytes.subarray(0, 300)).toString('latin1'), bytes }));

/** Those that the scanner calls clean, and CPython does not find so. */
function falselyClean(cases: readonly Case[]) {
  const clean = cases.filter(({ bytes }) => verdictOf(bytes) === 'clean');
  const runs = runInert(clean.map(({ bytes }) => bytes));
  console.info(`${cases.length} pickles, ${clean.length} of them clean`);
  return clean.flatMap(({ id, bytes }, index) => {
    const run = runs[index] ?? { events: [], pickles: 0, error: 'no answer' };
    const forbidden = findForbidden(run);
    const isExplained =
      run.error === null || OWN_LIMIT.test(run.error) || isAtNumbers(bytes, run.pickles) || holdsArrays(bytes);
    const stopped = isExplained ? null : run.error;
    if (forbidden === null && stopped === null) return [];
    return [{ id, forbidden, stopped, bytes: Buffer.from(bytes.subarray(0, 200)).toString('latin1') }];
  });
}

describe.skipIf(python === null)('what CPython’s own unpickler would bring in or call', () => {
  it('is never called clean in the corpus', () => {
    const pickles = corpusPickles().filter(isCheap);
    const runs = runInert(pickles.map(({ bytes }) => bytes));
    const missed = pickles.filter(({ bytes }, index) => {
      const forbidden = findForbidden(runs[index] ?? { events: [], pickles: 0, error: null });
      return forbidden !== null && verdictOf(bytes) === 'clean';
    });
    expect(missed).toEqual([]);
    const reached = runs.filter((run) => findForbidden(run) !== null).length;
    console.info(`${pickles.length} pickles; CPython reaches something forbidden in ${reached} of them`);
    expect(reached).toBeGreaterThan(100);
  });

  it('is nothing, to the end, where the corpus says clean', () => {
    const clean = new Set(corpusFiles().flatMap(({ id, expected }) => (expected === 'clean' ? [id] : [])));
    const pickles = corpusPickles().filter(({ id }) => clean.has(id.slice(0, id.lastIndexOf(' '))));
    expect(pickles.length).toBeGreaterThan(20);
    const runs = runInert(pickles.map(({ bytes }) => bytes));
    const wrong = pickles.flatMap(({ id, bytes }, index) => {
      const run = runs[index] ?? { events: [], pickles: 0, error: 'no answer' };
      const isWhole = run.error === null || isAtNumbers(bytes, run.pickles) || holdsArrays(bytes);
      return isWhole && findForbidden(run) === null ? [] : [{ id, error: run.error, forbidden: findForbidden(run) }];
    });
    expect(wrong).toEqual([]);
  });

  it('is nothing in plain values that CPython pickles, which are all clean', () => {
    const pickles = named(makePickles(3, 2000));
    const alarms = pickles.flatMap(({ bytes }) => {
      const { verdict, findings } = scan(bytesSource(bytes));
      return verdict === 'clean' ? [] : [{ bytes: Buffer.from(bytes).toString('latin1'), findings }];
    });
    expect(alarms.slice(0, 3)).toEqual([]);
    expect(falselyClean(pickles)).toEqual([]);
  });

  it('is never called clean in streams of every opcode, and dangerous where it runs something', () => {
    const pickles = named(fc.sample(arbitraryPickle, { numRuns: IS_FULL ? 20_000 : 8_000, seed: 4 }));
    expect(falselyClean(pickles)).toEqual([]);
    const runs = runInert(pickles.map(({ bytes }) => bytes));
    const running = pickles.filter((_, index) => runs[index]?.events.some(isRunning));
    console.info(`${running.length} of them run something`);
    expect(running.length).toBeGreaterThan(1000);
    expect(running.filter(({ bytes }) => verdictOf(bytes) !== 'dangerous')).toEqual([]);
  });

  it('is gone where one changed byte makes a malicious pickle clean', () => {
    // Attacks by opcode, name, stream and spelling; those by name alone are changed at random below.
    const malicious = corpusPickles().filter(
      ({ id, bytes }) => /^[ABDJ]/.test(id) && bytes.length <= 100 && verdictOf(bytes) === 'dangerous',
    );
    expect(malicious.length).toBeGreaterThan(50);
    const seen = new Set<string>();
    const mutants: Case[] = [];
    for (const { id, bytes } of malicious) {
      // All rows of one shape differ in the name alone.
      const shape = Buffer.from(bytes)
        .toString('latin1')
        .replace(/c[\w.]+\n[\w.]+\n/, 'c');
      if (seen.has(shape)) continue;
      seen.add(shape);
      for (let at = 0; at < bytes.length; at += 1) {
        for (let byte = at % STEP; byte < 256; byte += STEP) {
          if (byte !== bytes[at]) mutants.push({ id: `${id} [${at}] = ${byte}`, bytes: bytes.with(at, byte) });
        }
      }
    }
    expect(falselyClean(mutants)).toEqual([]);
  });

  it('is gone where several changes make a pickle clean', () => {
    const pickles = [...corpusPickles().filter(({ bytes }) => bytes.length < 2000), ...named(makePickles(5, 300))];
    const edits = fc.sample(changes, { numRuns: pickles.length * (IS_FULL ? 40 : 12), seed: 6 });
    const mutants = edits.map((edit, index) => {
      const { id, bytes } = pickles[index % pickles.length] ?? { id: '', bytes: new Uint8Array() };
      return { id: `${id} ${JSON.stringify(edit)}`, bytes: mutate(bytes, edit) };
    });
    expect(falselyClean(mutants)).toEqual([]);
  });
});
