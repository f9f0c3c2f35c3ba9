import { describe, expect, it } from 'vitest';
import { bytesSource, type ContainerKind, scan } from '#scanner/index.ts';
import { corpusFiles } from '../fixtures/corpus.ts';
import { EVIL0, EVIL2, HARMLESS, join, latin1 } from '../fixtures/pickles.ts';
import { mutate } from '../fuzz/mutate.ts';
import { makeRandom, type Random } from '../fuzz/random.ts';
import { IS_FULL } from '../support/full.ts';
import { findForbidden } from './support/allowed.ts';
import { NO_PYTHON, python, runMembers, runPlain } from './support/python.ts';

if (python === null) console.info(NO_PYTHON);

const MAX_BYTES = 300_000;

interface Case {
  id: string;
  bytes: Uint8Array;
}

/** Both ways: what CPython would bring in is not clean, and what is said to be a pickle as well brings something in. */
function compare(cases: readonly Case[]) {
  const runs = runPlain(cases.map(({ bytes }) => bytes));
  const kinds = new Map<ContainerKind, number>();
  const wrong = cases.flatMap(({ id, bytes }, index) => {
    const run = runs[index] ?? { events: [], pickles: 0, error: 'no answer' };
    const forbidden = findForbidden(run);
    const { container, verdict, findings } = scan(bytesSource(bytes));
    if (forbidden !== null) kinds.set(container, (kinds.get(container) ?? 0) + 1);
    // A file may be of two other formats.
    const isAlarm = findings.some(
      ({ rule, severity, message }) =>
        rule === 'container/two-formats' && severity !== 'note' && message.includes('pickle.load'),
    );
    if (forbidden !== null ? verdict !== 'clean' : !isAlarm || run.events.length > 0) return [];
    const text = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
    return [{ id, container, verdict, forbidden, run, text }];
  });
  const reached = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  console.info(`${cases.length} files; CPython brings in something forbidden in: ${reached}`);
  return { kinds, wrong };
}

/** Opcodes by which a header of lengths can be left, and what a JSON text can hold of them. */
const TAILS = [EVIL0, EVIL2.slice(2), `N0${EVIL0}`, `(S'${HARMLESS}'\nios\nsystem\n.`, ')R.', 'cb\nc\n.', 'N)R.'];

/** A sound safetensors file whose tensor begins as given, and whose header is as long as asked. */
function makeSafetensors(headerBytes: number, data: Uint8Array): Uint8Array {
  const json = JSON.stringify({ a: { dtype: 'U8', shape: [data.length], data_offsets: [0, data.length] } });
  const length = Math.max(headerBytes, json.length);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  return join(prefix, json.padEnd(length), data);
}

function makeNumbers(random: Random): Uint8Array {
  const start = random.pick(['', '\n', '\n0', '\n\n', 'x\ny\n']);
  const plain = random.pick([new BigInt64Array(77).map((_, index) => BigInt(index)), new Float32Array(50).fill(0.1)]);
  return join(start, random.chance(0.7) ? random.pick(TAILS) : new Uint8Array(plain.buffer));
}

/** What Python takes out of an archive and would run, and the scanner calls clean. */
function falselyClean(cases: readonly Case[]) {
  const clean = cases.filter(({ bytes }) => scan(bytesSource(bytes)).verdict === 'clean');
  const runs = runMembers(clean.map(({ bytes }) => bytes));
  console.info(`${cases.length} changed archives, ${clean.length} of them clean`);
  return clean.flatMap(({ id, bytes }, index) => {
    const forbidden = findForbidden(runs[index] ?? { events: [], pickles: 0, error: null });
    return forbidden === null ? [] : [{ id, forbidden, text: Buffer.from(bytes).toString('latin1') }];
  });
}

describe.skipIf(python === null)('a file that is something else, read as a pickle', () => {
  it('says of the corpus what CPython would do', () => {
    const files = corpusFiles().filter(({ bytes }) => bytes.length <= MAX_BYTES);
    const { kinds, wrong } = compare(files);
    expect(wrong).toEqual([]);
    expect(kinds.size).toBeGreaterThan(3);
  });

  it('says of changed files of every container what CPython would do', () => {
    const random = makeRandom(11);
    const all = corpusFiles().filter(({ bytes }) => bytes.length <= 6000);
    const others = [...all.map(({ bytes }) => bytes), ...TAILS.map(latin1)];
    // What begins with no mark of a pickle is what this is about.
    const starts = ['', 'GGUF\x03\x00\x00\x00\x00', 'B\x00\x00\x00\x00', '\x89', '(', 'V\n', 'I5\x00x\n', 'F1\x00\n'];
    const files = all.flatMap(({ id, bytes }) =>
      Array.from({ length: IS_FULL ? 6 : 2 }, () => ({
        id,
        bytes: random.chance(0.5)
          ? mutate(bytes, others, random)
          : mutate(join(random.pick(starts), random.pick(TAILS).slice(0, -1), bytes), others, random),
      })),
    );
    const { kinds, wrong } = compare(files);
    expect(wrong).toEqual([]);
    expect(kinds.size).toBeGreaterThan(5);
  });

  it('says of safetensors with headers of every length what CPython would do', () => {
    const random = makeRandom(12);
    const lengths = Array.from({ length: 4000 }, (_, index) =>
      index < 600
        ? 60 + index
        : random.pick([0x49, 0x46, 0x4c, 0x56, 0x58, 0x55, 0x63, 0x53]) + 256 * random.below(300),
    );
    const { kinds, wrong } = compare(
      lengths.map((length) => ({ id: String(length), bytes: makeSafetensors(length, makeNumbers(random)) })),
    );
    expect(wrong).toEqual([]);
    expect(kinds.get('safetensors')).toBeGreaterThan(50);
  });

  it('is not clean where Python takes something out of it that runs, whichever byte of an archive is changed', () => {
    const random = makeRandom(13);
    const archives = corpusFiles().filter(
      ({ id, bytes, expected }) => /^[FGH]/.test(id) && bytes.length <= 1200 && expected !== 'clean',
    );
    expect(archives.length).toBeGreaterThan(30);
    const changed = archives.flatMap(({ id, bytes }) =>
      Array.from(bytes, (_, at) => {
        const head = bytes.subarray(0, at);
        const tail = bytes.subarray(at + random.below(2));
        const isPut = random.chance(0.7);
        return { id: `${id} ${at}`, bytes: join(head, isPut ? Uint8Array.of(random.below(256)) : '', tail) };
      }),
    );
    expect(falselyClean(changed)).toEqual([]);
    const reached = runMembers(archives.map(({ bytes }) => bytes)).filter((run) => findForbidden(run) !== null);
    expect(reached.length).toBeGreaterThan(10);
  });
});
