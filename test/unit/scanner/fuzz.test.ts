import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fuzz/loaders/files.ts';
import { minimise } from '../../fuzz/minimise.ts';
import { makeRandom } from '../../fuzz/random.ts';
import { makeCallingFile, makeCallingPickle } from '../../fuzz/reachable.ts';
import { fuzz } from '../../fuzz/run.ts';
import { readCrashers, seedInputs } from '../../fuzz/seeds.ts';
import { checkCalling, scanBytes, TARGETS } from '../../fuzz/targets.ts';

/** Each seed for each target, and a few thousand changed ones. */
const INPUTS = 9000;

describe('what a fuzzer once found', () => {
  it.each(readCrashers())('$name is read as it should be', ({ name, bytes }) => {
    if (name.startsWith('calling-')) checkCalling(bytes, name.startsWith('calling-pickle'));
    if (/^(python|loaders)-/.test(name)) expect(scanBytes(bytes).verdict).not.toBe('clean');
    for (const { run } of Object.values(TARGETS)) run(bytes);
  });
});

describe('files that several loaders may take', () => {
  it('have a verdict, and are of every kind', () => {
    const seeds = seedInputs().filter(({ length }) => length < 1024);
    const source = {
      random: makeRandom(3),
      seeds,
      clean: seeds.filter((bytes) => scanBytes(bytes).verdict === 'clean'),
    };
    const seen = Array.from({ length: 250 }, () => scanBytes(makeFile(source)));
    expect(seen.filter(({ verdict }) => verdict === 'clean').length).toBeGreaterThan(25);
    expect(new Set(seen.map(({ container }) => container)).size).toBeGreaterThan(6);
  });

  it('are the same for the same seed', () => {
    const digest = () => {
      const source = { random: makeRandom(4), seeds: [Buffer.from('N.')], clean: [Buffer.from('N.')] };
      return Array.from({ length: 50 }, () => Buffer.from(makeFile(source)).toString('base64'));
    };
    expect(digest()).toEqual(digest());
  });
});

describe('any change of the corpus', () => {
  it('ends in a verdict or in a sentence, and hides no call', () => {
    const failed: string[] = [];
    const runs = fuzz({
      seeds: seedInputs().filter(({ length }) => length < 4096),
      random: makeRandom(7),
      coverage: null,
      onInput: () => {},
      onFault: (bytes, target, error) =>
        failed.push(`${target} ${String(error)} ${Buffer.from(bytes.subarray(0, 200)).toString('latin1')}`),
    });
    for (const { inputs } of runs) if (inputs > INPUTS) break;
    expect(failed).toEqual([]);
  });

  it('is told by files that do hold a call', () => {
    const random = makeRandom(1);
    const tails = [Buffer.from('.')];
    for (const make of [makeCallingPickle, makeCallingFile]) {
      const { bytes, fixed } = make(tails, random);
      expect(fixed).toBeGreaterThan(20);
      expect(() => checkCalling(bytes, false)).not.toThrow();
    }
    expect(() => checkCalling(Buffer.from('N.'), false)).toThrow('is clean');
  });

  it('is made as small as it can be where it fails', () => {
    const fails = (bytes: Uint8Array) => bytes.includes(0x41) && bytes.includes(0x42);
    expect(Buffer.from(minimise(Buffer.from('..x...A....xxxB..'), 0, fails)).toString()).toBe('AB');
    expect(Buffer.from(minimise(Buffer.from('..x...A....xxxB..'), 3, fails)).toString()).toBe('..xAB');
  });
});
