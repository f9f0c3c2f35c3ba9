import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { corpusFiles } from '../fixtures/corpus.ts';
import { makeRandom, type Random } from '../fuzz/random.ts';

const SCRIPT = join(import.meta.dirname, 'python', 'safetensors_headers.py');
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import safetensors'], { stdio: 'ignore' }).status === 0);
if (python === undefined)
  console.info('No python3 with safetensors here: the comparison with the reference library is left out.');

/** What we refuse and the library reads, each on purpose. The verdict's sentence tells a person which it is. */
const STRICTER: readonly (readonly [says: RegExp, reason: string])[] = [
  [/two formats at once/, 'a sound file that a loader of pickles would run'],
  [/twice/, 'of a name that stands twice the library takes the last, other readers the first'],
  [/not described by/, 'the library passes over fields that it does not know, where anything can hide'],
  [/not valid JSON/, 'numbers above 2^53, which readers in JavaScript round'],
];

/** The format says that the header begins with `{`; the library passes over spaces before it. */
const isSpace = (byte = 0) => [0x09, 0x0a, 0x0d, 0x20].includes(byte);

/** Whether the library reads each of these. */
function readWithLibrary(files: readonly Uint8Array[]): boolean[] {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT], {
    input: files.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line === 'ok');
}

function judge(bytes: Uint8Array) {
  const { verdict, findings } = scan(bytesSource(bytes), { name: 'm.safetensors' });
  return { verdict, says: findings.map(({ message }) => message).join(' ') };
}

function compare(files: readonly Uint8Array[]) {
  const answers = readWithLibrary(files);
  expect(answers).toHaveLength(files.length);
  const counts = { both: 0, neither: 0, stricter: 0 };
  const wrong = files.flatMap((bytes, index) => {
    const { verdict, says } = judge(bytes);
    const [isRead, isClean] = [answers[index] === true, verdict === 'clean'];
    if (isRead === isClean) counts[isRead ? 'both' : 'neither'] += 1;
    else if (isRead && (isSpace(bytes[8]) || STRICTER.some(([pattern]) => pattern.test(says)))) counts.stricter += 1;
    else return [{ isRead, verdict, says, text: Buffer.from(bytes.subarray(0, 400)).toString('latin1') }];
    return [];
  });
  console.info(
    `${files.length} headers: ${counts.both} read by both, ${counts.neither} by neither, ${counts.stricter} by the library alone`,
  );
  return { wrong, counts };
}

function file(header: string | Uint8Array, data: number): Uint8Array {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text, Buffer.alloc(data, 0x3f)]);
}

const TYPES =
  'BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 I64 U64 F64 C64 F4 F6_E2M3 F6_E3M2'.split(
    ' ',
  );
const BITS: Readonly<Record<string, number>> = { BOOL: 8, BF16: 16, F4: 4, F6_E2M3: 6, F6_E3M2: 6 };
const bitsOf = (type: string) => BITS[type] ?? (type.startsWith('F8') ? 8 : Number(type.slice(1)));

/** A sound header, and the bytes that it needs behind it. */
function makeHeader(random: Random): { header: string; data: number } {
  let at = 0;
  const entries = Array.from({ length: random.below(4) }, (_, index) => {
    const dtype = random.pick(TYPES);
    const shape = Array.from({ length: random.below(3) }, () => random.pick([0, 1, 2, 3, 8]));
    if (bitsOf(dtype) < 8) shape.push(8);
    const bytes = (shape.reduce((product, size) => product * size, 1) * bitsOf(dtype)) / 8;
    at += bytes;
    return `"${random.pick(['a', 'b.weight', 'ü', '__proto__'])}${index}":{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${at - bytes},${at}]}`;
  });
  if (random.chance(0.4)) entries.unshift('"__metadata__":{"format":"pt","note":"\\u0041 <b>"}');
  return { header: `{${entries.join(',')}}${' '.repeat(random.below(9))}`, data: at };
}

const WORDS = [
  '"',
  ',',
  '{',
  '}',
  '[',
  ']',
  ':',
  ' ',
  '\\',
  '0',
  '1',
  '-1',
  '1.0',
  '1e1',
  'true',
  'null',
  '[]',
  '{}',
  '"a":1',
  '"x":"y",',
  '\t',
  '\n',
  '\0',
  '\u00ff',
  '\\ud800',
  '18446744073709551616',
  '9007199254740993',
  '"F32"',
  '"dtype":"F32",',
  '"shape":[2],',
  '"__metadata__":{},',
];

function change(header: string, random: Random): string {
  const at = random.below(header.length + 1);
  const cut = random.chance(0.5) ? random.below(4) : 0;
  return header.slice(0, at) + (random.chance(0.8) ? random.pick(WORDS) : '') + header.slice(at + cut);
}

describe.skipIf(python === undefined)(
  'what the reference library refuses is never clean, and what we refuse besides is on purpose',
  () => {
    it('on sound headers of every type, which both read', () => {
      const random = makeRandom(1);
      const made = Array.from({ length: 400 }, () => makeHeader(random));
      const { wrong, counts } = compare(made.map(({ header, data }) => file(header, data)));
      expect(wrong).toEqual([]);
      expect(counts.both).toBe(400);
    });

    it('on changed headers', () => {
      const random = makeRandom(2);
      const files = Array.from({ length: 6000 }, () => {
        const { header, data } = makeHeader(random);
        let changed = header;
        for (let count = 1 + random.below(2); count > 0; count -= 1) changed = change(changed, random);
        return file(
          Buffer.from(changed, random.chance(0.9) ? 'utf8' : 'latin1'),
          data + random.pick([0, 0, 0, 0, 1, -1].map((more) => Math.max(more, -data))),
        );
      });
      const { wrong, counts } = compare(files);
      expect(wrong).toEqual([]);
      expect(counts.neither).toBeGreaterThan(1000);
      expect(counts.both).toBeGreaterThan(100);
    });

    it('on the corpus', () => {
      const files = corpusFiles().filter(({ id }) => /^(?:I\d|Z1[4-8]|F5[345]|F64|U05)/.test(id));
      expect(compare(files.map(({ bytes }) => bytes)).wrong).toEqual([]);
    });
  },
);
