import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { looksLikeGguf, packingOf, readGguf } from '#scanner/containers/index.ts';
import { bytesSource, scan } from '#scanner/index.ts';
import { findPickleEnd } from '#scanner/pickle/index.ts';
import { type CorpusFile, corpusFiles } from '../../fixtures/corpus.ts';
import { makeRandom } from '../../fuzz/random.ts';
import { IS_FULL } from '../../support/full.ts';
import { findVisibleNames } from '../../support/visible-names.ts';

/** The bombs are larger, and wear out whoever cuts them a thousand times. */
const MAX_BYTES = 1200;
/** Cuts and changes of one file, each at its own place; more of them with `npm run test:conformance`. */
const MAX_PLACES = IS_FULL ? 160 : 60;

/** Each takes 7-Zip some milliseconds to start; packed.test.ts cuts these. */
const UNPACKED_BY_SEVEN_ZIP: readonly string[] = ['7z', 'xz', 'bzip2', 'lzma'];

const verdictOf = (bytes: Uint8Array) => scan(bytesSource(bytes)).verdict;

/** Entries that are no pickles have no names that the other reader could see; members.test.ts is about those. */
const ENTRIES = /^M[A-Z]-/;

/** One of all files that differ in the name alone, and the places in it that are looked at. */
const FILES = [
  ...new Map(
    corpusFiles()
      .filter(({ id }) => !ENTRIES.test(id))
      .filter(({ bytes }) => bytes.length <= MAX_BYTES && !UNPACKED_BY_SEVEN_ZIP.includes(packingOf(bytes) ?? ''))
      .map((file) => [shapeOf(file), file]),
  ).values(),
];

function shapeOf({ bytes }: CorpusFile): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/c[\w.]+\n[\w.]+\n/, 'c');
}

function placesOf(bytes: Uint8Array): number[] {
  const count = Math.min(bytes.length, MAX_PLACES);
  return Array.from({ length: count }, (_, index) => Math.floor((index * bytes.length) / count));
}

/** What no loader takes for anything. */
const BLANKS = /^[\0\t\n\v\f\r ]*$/;

/** True where these bytes are nothing but whole pickles, and blanks behind the last: no reader could tell that more was there. */
function areWholePickles(bytes: Uint8Array): boolean {
  let at = 0;
  for (let end = findPickleEnd(bytes, at); end !== null; end = findPickleEnd(bytes, at)) at = end;
  return at > 0 && BLANKS.test(Buffer.from(bytes.subarray(at)).toString('latin1'));
}

/** True where a file says itself how long it is, and is that long: a cut has taken away what stood behind it, and no more. */
function isAsLongAsItSays(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const array = /^\x93NUMPY.{4}\{'descr': '<f8', 'fortran_order': False, 'shape': \(1,\), \}\s*\n/s.exec(text);
  if (array !== null) return bytes.length === array[0].length + 8;
  const header = /^.{8}(\{"a":\{.*?"data_offsets":\[0,(\d+)\]\}\} *)/s.exec(text);
  return header !== null && bytes.length === 8 + (header[1]?.length ?? 0) + Number(header[2]);
}

/** True where a cut took away a second end record, or a second archive, and left a whole archive. */
function isWholeArchive(bytes: Uint8Array, length: number): boolean {
  return length >= 22 && Buffer.from(bytes).readUInt32LE(length - 22) === 0x06054b50;
}

/** True where a cut took away nothing but padding behind the last tensor, which readers of GGUF do not ask for. */
function isWholeGguf(bytes: Uint8Array, length: number): boolean {
  const source = bytesSource(bytes);
  if (!looksLikeGguf(source)) return false;
  return length >= Math.max(...readGguf(source).tensors.map(({ start, bytes }) => start + bytes));
}

/** True where a cut took away the second of two streams. */
function isWholeStream(bytes: Uint8Array): boolean {
  if (packingOf(bytes) !== 'gzip') return false;
  try {
    return gunzipSync(bytes).length > 0;
  } catch {
    return false;
  }
}

describe('a file of the corpus', () => {
  it('cut anywhere is never clean, unless what remains is a whole file', () => {
    let cuts = 0;
    const whole: string[] = [];
    const wrong: [id: string, length: number][] = [];
    for (const { id, bytes } of FILES) {
      for (const length of placesOf(bytes)) {
        const kept = bytes.subarray(0, length);
        cuts += 1;
        if (verdictOf(kept) !== 'clean') continue;
        const isWhole = [areWholePickles, isAsLongAsItSays, isWholeStream].some((check) => check(kept));
        if (isWhole || isWholeArchive(bytes, length) || isWholeGguf(bytes, length)) whole.push(id);
        else wrong.push([id, length]);
      }
    }
    console.info(`${FILES.length} files cut in ${cuts} places; ${whole.length} times what remained was whole`);
    expect(wrong).toEqual([]);
    expect(cuts).toBeGreaterThan(5000);
  });

  it('that is dangerous is never clean after a change, unless the change took the names away', () => {
    const random = makeRandom(21);
    const dangerous = FILES.filter(({ expected }) => expected === 'dangerous');
    const donors = dangerous.map(({ bytes }) => bytes);
    const changes: readonly ((bytes: Uint8Array, at: number) => Uint8Array)[] = [
      (bytes, at) => bytes.with(at, random.below(256)),
      (bytes, at) => join(bytes.subarray(0, at), bytes.subarray(at + 1)),
      (bytes, at) => join(bytes.subarray(0, at), Uint8Array.of(random.below(256)), bytes.subarray(at)),
      (bytes, at) => join(bytes.subarray(0, at), random.pick(donors).subarray(0, random.below(40)), bytes.subarray(at)),
    ];
    let tried = 0;
    let clean = 0;
    const wrong: [id: string, bytes: string, names: string[]][] = [];
    for (const { id, bytes } of dangerous) {
      for (const at of placesOf(bytes)) {
        for (const change of changes) {
          const changed = change(bytes, at);
          tried += 1;
          if (verdictOf(changed) !== 'clean') continue;
          clean += 1;
          const names = findVisibleNames(changed);
          if (names.length > 0) wrong.push([id, Buffer.from(changed).toString('latin1'), names]);
        }
      }
    }
    console.info(`${dangerous.length} dangerous files, ${tried} changes, ${clean} of them clean`);
    expect(wrong).toEqual([]);
    expect(clean).toBeGreaterThan(0);
  });

  it('that is dangerous shows its names to the reader that this test trusts, unless it is no name that makes it so', () => {
    const blind = FILES.filter(
      ({ expected, bytes }) => expected === 'dangerous' && findVisibleNames(bytes).length === 0,
    ).map(({ id }) => id);
    // Harmless names used in another way (P is nothing else), what is packed in a comment or behind an archive, a call behind numbers that joblib alone steps over, a name that lies, what 7-Zip unpacks, and archives whose directory does not lead there.
    expect(
      blind.filter(
        (id) => !/^(?:A2\d|F04|F24|F33|F43|F44|F67|E13|K21|K23|L10|L11|L2\d|L30|P\d\d|Y13|Y19|Y28|Y31|Y36)-/.test(id),
      ),
    ).toEqual([]);
  });
});

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
