import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { lz4Frame, packWithSevenZip } from '../fixtures/packed.ts';
import { EVIL0, EVIL2, HARMLESS, int, join, latin1, short, text } from '../fixtures/pickles.ts';
import { makeZip, type ZipPart } from '../fixtures/zip.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** Opcodes that leave the stack as they found it. */
const NEUTRAL: readonly string[] = [
  ...[
    `${int(7)}0`,
    `${text('torch')}0`,
    'N2' + '00',
    '(1',
    ']0',
    '}q\x050',
    '(I1\nI2\nt0',
    '\x88\x94' + '0',
    'K\x01K\x02\x860',
  ],
  ...["S'a'\n0", 'ccollections\nOrderedDict\n)R0', 'ctorch\nFloatStorage\n0', '(lp3\n0', 'C\x02\x80\x020', 'F1.5\n0'],
];

/** Calls of a program, each whole with its last opcode, whatever stands behind it. */
const CALLS: readonly string[] = [
  EVIL0.slice(0, -1),
  EVIL2.slice(2, -1),
  `${short('os')}${short('system')}\x93${short(HARMLESS)}\x85R`,
  `(S'${HARMLESS}'\nios\nsystem\n`,
  `(cos\nsystem\nS'${HARMLESS}'\no`,
  `U\x02osq\x010U\x06systemq\x020h\x01h\x02\x93${text(HARMLESS)}\x85R`,
  `cbuiltins\ngetattr\n(cos\npath\n${text('os')}tR0cos\nsystem\n${text(HARMLESS)}\x85R`,
  `cposix\nsystem\n(${text(HARMLESS)}t\x81`,
];

/** A file that holds a call, and how many of its bytes are needed for that. */
export interface CallingFile {
  bytes: Uint8Array;
  fixed: number;
}

/** Beginnings that leave the call standing: none, a protocol, and what other formats begin with. */
const BEGINNINGS: readonly string[] = [
  ...['', '\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05', '\x80\x02'],
  ...['GGUF\x03\x00\x00\x00\x00', 'B\x01\x00\x00\x00{', 'V{"a":1}\n', '\x89', 'U\x08\x00\x00\x00\x00\x00\x00\x00{'],
  // A safetensors file of 73 bytes of header, in which C finds the number 0 and nothing else up to the end of the line.
  `I${'\0'.repeat(7)}${'{"a":{"dtype":"U8","shape":[90],"data_offsets":[0,90]}}'.padEnd(73)}\n`,
];

/** A pickle that has called a program before what is random in it begins. Every loader that reads it has run it. */
export function makeCallingPickle(tails: readonly Uint8Array[], random: Random): CallingFile {
  const noise = Array.from({ length: random.below(6) }, () => random.pick(NEUTRAL));
  const tail = random.chance(0.3) ? '.' : mutate(random.pick(tails), tails, random);
  const head = join(random.pick(BEGINNINGS), ...noise, random.pick(CALLS));
  return { bytes: join(head, tail), fixed: head.length };
}

/** Such a pickle inside containers from which loaders, or people, take it out. */
export function makeCallingFile(tails: readonly Uint8Array[], random: Random): CallingFile {
  let { bytes } = makeCallingPickle(tails, random);
  for (let layers = random.below(3) + 1; layers > 0; layers -= 1) bytes = random.pick(WRAPPINGS)(bytes, random);
  return { bytes, fixed: bytes.length };
}

type Wrapping = (bytes: Uint8Array, random: Random) => Uint8Array;

const WRAPPINGS: readonly Wrapping[] = [
  (bytes, random) => zipped('archive/data.pkl', bytes, random),
  (bytes, random) =>
    zipped(random.pick(['a.zip', 'weights.bin', 'x.txt', 'DATA.PKL', 'm/data.pkl', 'data/0x']), bytes, random),
  (bytes) => gzipSync(bytes),
  (bytes) => deflateSync(bytes),
  (bytes) => zstdCompressSync(bytes),
  (bytes) => lz4Frame(bytes),
  // 7-Zip takes its time.
  (bytes, random) => (random.chance(0.1) ? packWithSevenZip(random.pick(['7z', 'xz', 'bzip2']), bytes) : bytes),
  (bytes, random) => join(makeTarOf(random.pick(['pickle', 'a/b.pkl']), bytes)),
];

function zipped(name: string, bytes: Uint8Array, random: Random): Uint8Array {
  const others: ZipPart[] = Array.from({ length: random.below(3) }, (_, index) => ({
    name: random.pick([`archive/data/${index + 5}`, `note${index}.txt`, `archive/version${index}`]),
    bytes: new Uint8Array(random.below(50)).fill(random.below(256)),
    deflate: random.chance(0.3),
  }));
  const part: ZipPart = { name, bytes, deflate: random.chance(0.5) };
  if (random.chance(0.2)) part.crc32 = random.below(2 ** 32);
  if (random.chance(0.2)) part.flags = random.pick([1, 2, 8, 0x20, 0x40, 0x800]);
  if (random.chance(0.1)) part.localName = random.pick(['a', 'archive/version', 'archive/data/0']);
  const at = random.below(others.length + 1);
  const whole = makeZip([...others.slice(0, at), part, ...others.slice(at)]);
  if (random.chance(0.1)) return join(new Uint8Array(random.below(70)).fill(random.below(256)), whole);
  return random.chance(0.1) ? join(whole, new Uint8Array(random.below(70)).fill(random.below(256))) : whole;
}

export function makeTarOf(name: string, bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return join(header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512), latin1('\0'.repeat(1024)));
}
