import { EVIL2, HARMLESS, join, latin1 } from '../../fixtures/pickles.ts';
import { makeZip, type ZipPart } from '../../fixtures/zip.ts';
import { withRecord64 } from '../../fixtures/zip-faults.ts';
import type { Random } from '../../fuzz/random.ts';

/** A pickle of one text, so that each member can be told from every other. */
const pickle = (text: string) => latin1(`\x80\x02X${String.fromCharCode(text.length)}\0\0\0${text}.`);

const PARTS: readonly (readonly ZipPart[])[] = [
  [
    { name: 'archive/data.pkl', bytes: pickle('first') },
    { name: 'archive/other.pkl', bytes: pickle('second'), deflate: true },
  ],
  [
    { name: 'a.pkl', bytes: pickle('third'), deflate: true },
    { name: 'b.pkl', bytes: pickle('fourth') },
    { name: 'c/d.pkl', bytes: pickle('fifth') },
  ],
];
const CALLS: readonly ZipPart[] = [
  { name: 'archive/data.pkl', bytes: latin1(EVIL2) },
  { name: 'b.pkl', bytes: latin1(EVIL2), deflate: true },
];

/** The text that tells a member which calls something. */
export const CALL = HARMLESS;

/** Archives without a fault: plain, and as torch writes them, with a 64-bit end record. */
export function wholeArchives(): Uint8Array[] {
  return PARTS.flatMap((parts) => [makeZip(parts), withRecord64(makeZip(parts))]);
}

const MARKS = ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07'];

/** An archive with one to three faults: fields changed, archives put before, behind and into one another, records doubled. */
export function mutateZip(random: Random): Uint8Array {
  const whole = wholeArchives();
  let bytes: Uint8Array = random.pick(whole);
  const other = () => (random.below(2) === 0 ? makeZip([random.pick(CALLS)]) : random.pick(whole));
  for (let count = 1 + random.below(3); count > 0; count -= 1) bytes = mutateOnce(bytes, other(), random);
  return bytes;
}

function mutateOnce(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  switch (random.below(10)) {
    case 0:
      return join(bytes, other);
    case 1:
      return join(other, bytes);
    case 2:
      return join(bytes.subarray(0, at), other, bytes.subarray(at));
    case 3:
      return join(bytes, Buffer.alloc(random.below(40), random.below(256)));
    case 4:
      return withComment(bytes, random.below(2) === 0 ? other : Buffer.from('a comment'));
    case 5:
      return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(60)));
    default:
      return changeField(bytes, random);
  }
}

function withComment(bytes: Uint8Array, comment: Uint8Array): Uint8Array {
  const copy = Buffer.from(join(bytes, comment));
  const end = copy.lastIndexOf('PK\x05\x06', bytes.length - 1, 'latin1');
  if (end >= 0 && end + 22 <= copy.length) copy.writeUInt16LE(comment.length & 0xffff, end + 20);
  return copy;
}

/** A field of some record gets a value that some reader may take: small, full, or a place in the file. */
function changeField(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Buffer.from(bytes);
  const mark = random.pick(MARKS);
  const places: number[] = [];
  for (let at = copy.indexOf(mark, 0, 'latin1'); at >= 0; at = copy.indexOf(mark, at + 1, 'latin1')) places.push(at);
  if (places.length === 0) return copy;
  const at = random.pick(places) + 4 + random.below(46);
  const value = random.pick([
    0,
    1,
    8,
    0x21,
    0xffff,
    0xffffffff,
    random.below(bytes.length),
    random.below(256),
    random.pick(places),
  ]);
  if (random.below(2) === 0 && at + 4 <= copy.length) copy.writeUInt32LE(value, at);
  else if (at + 2 <= copy.length) copy.writeUInt16LE(value & 0xffff, at);
  return copy;
}
