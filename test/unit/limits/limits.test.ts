import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource, LIMITS, type LimitChanges, parseLimits, scan } from '#scanner/index.ts';
import { makeGguf } from '../../fixtures/gguf.ts';
import { packWithSevenZip } from '../../fixtures/packed.ts';
import { call, global, int, join, latin1, stateDict, tensor } from '../../fixtures/pickles.ts';
import { makeZip } from '../../fixtures/zip.ts';

const nested = (inner: string): string => `\x80\x02B${lengthOf(inner)}${inner}.`;
const lengthOf = (content: string) => String.fromCharCode(content.length & 0xff, content.length >> 8, 0, 0);
const zip = (...names: string[]) => makeZip(names.map((name) => ({ name, bytes: latin1('abc') })));
const safetensors = (header: string) => join(lengthOf(header), '\0\0\0\0', header);
const XZ = packWithSevenZip('xz', latin1('\x80\x02}.'));
const EMPTY = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';

/** For each limit a file that hits it at a small value, the value, and the verdict with the defaults. */
const CASES: Readonly<Record<string, readonly [file: string | Uint8Array, value: string, byDefault: string]>> = {
  milliseconds: [manyParts(3000), '1ms', 'clean'],
  pickleBytes: [`\x80\x02](${'N'.repeat(500)}e.`, '100B', 'clean'],
  memberBytes: [makeZip([{ name: 'a.txt', bytes: Buffer.alloc(5000, 'a'), deflate: true }]), '1kB', 'clean'],
  unpackedBytes: [gzipSync(latin1(`\x80\x02](${'N'.repeat(500)}e.`)), '100', 'suspicious'],
  ratio: [makeZip([{ name: 'a.txt', bytes: somewhatRegular(2_000_000), deflate: true }]), '10', 'clean'],
  depth: [makeZip([{ name: 'a.zip', bytes: makeZip([{ name: 'b.zip', bytes: zip('c') }]) }]), '1', 'clean'],
  unpackers: [makeZip(['a.xz', 'b.xz'].map((name) => ({ name, bytes: XZ }))), '1', 'suspicious'],
  members: [zip('a', 'b', 'c'), '2', 'clean'],
  directoryBytes: [zip('a', 'b', 'c'), '100', 'clean'],
  headerBytes: [safetensors(`{"a":${EMPTY}}`), '20', 'clean'],
  headerTensors: [safetensors(`{"a":${EMPTY},"b":${EMPTY}}`), '1', 'clean'],
  headerEntries: [
    makeGguf({
      entries: [
        ['a', 'u32', 1],
        ['b', 'u32', 1],
      ],
    }),
    '1',
    'clean',
  ],
  headerValues: [makeGguf({ entries: [['a', 'texts', ['b', 'c']]] }), '1', 'clean'],
  findings: [zip('a.py', 'b.py', 'c.py'), '2', 'suspicious'],
  names: [`\x80\x02](${global('torch', 'FloatStorage')}${global('torch', 'LongStorage')}e.`, '1', 'clean'],
  'pickle.opcodes': [`\x80\x02](${'N'.repeat(500)}e.`, '100', 'clean'],
  'pickle.heldBytes': [`\x80\x02](${int(5).repeat(500)}e.`, '10kB', 'clean'],
  'pickle.stack': [`\x80\x02](${'N'.repeat(500)}e.`, '100', 'clean'],
  'pickle.memo': [`\x80\x02]q\x01]q\x02]q\x03\x86\x86.`, '2', 'clean'],
  'pickle.marks': ['\x80\x02((((NtttT\x00\x00\x00\x00\x86t.', '3', 'clean'],
  'pickle.lineBytes': [`\x80\x02I${'1'.repeat(300)}\n.`, '100', 'clean'],
  'pickle.nameBytes': [`\x80\x02${global('torch', 'FloatStorage')}.`, '5', 'clean'],
  'pickle.keptTextBytes': ['\x80\x04\x8c\x05torch\x8c\x0cFloatStorage\x93.', '8', 'clean'],
  'pickle.numberDigits': [`\x80\x02I${'1'.repeat(300)}\n.`, '100', 'clean'],
  'pickle.numberBytes': [`\x80\x02\x8a\x20${'\x01'.repeat(32)}.`, '20', 'clean'],
  'pickle.nesting': [`\x80\x02N${'\x85'.repeat(50)}.`, '20', 'clean'],
  'pickle.expansion': [`\x80\x02Nq\x01${'h\x01h\x01\x86q\x01'.repeat(8)}.`, '100', 'suspicious'],
  'pickle.allocation': [`\x80\x02${call('builtins', 'bytearray', int(100_000))}.`, '1', 'clean'],
  'pickle.stackedPickles': ['\x80\x02N.'.repeat(5), '3', 'clean'],
  'pickle.nestedPickles': [`\x80\x02(${nestedTexts(5)}t.`, '3', 'suspicious'],
  'pickle.nestedDepth': [nested(nested(nested('\x80\x02]].'))), '1', 'suspicious'],
  'pickle.names': [`\x80\x02](${global('torch', 'FloatStorage')}${global('torch', 'LongStorage')}e.`, '1', 'clean'],
  'pickle.tensors': [join(stateDict(['a', tensor()], ['b', tensor()])), '1', 'clean'],
};
const ORDER = ['clean', 'suspicious', 'incomplete', 'malformed', 'dangerous'];
/** Limits that odd content hits, which is suspicious in itself and was read all the same. */
const ODD = new Set(['ratio', 'pickle.numberDigits', 'pickle.numberBytes', 'pickle.nesting', 'pickle.expansion']);

function manyParts(count: number): Uint8Array {
  return zip(...Array.from({ length: count }, (_, index) => String(index)));
}

/** A text that packs to about a twentieth. */
function somewhatRegular(size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x20);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    if (at % 2000 < 100) bytes[at] = 0x21 + ((state >> 16) % 0x5e);
  }
  return bytes;
}

function nestedTexts(count: number): string {
  return '\x80\x02]].'.replace(/^/, 'C\x05').repeat(count);
}

const scanWith = (file: string | Uint8Array, limits: LimitChanges) =>
  scan(bytesSource(typeof file === 'string' ? latin1(file) : file), { limits });

it('every limit has a case', () => {
  expect(Object.keys(CASES).sort()).toEqual([...LIMITS.keys()].sort());
});

describe.each(Object.entries(CASES))('the limit %s', (name, [file, value, byDefault]) => {
  it('is a finding where it is hit, and never clean', () => {
    const { verdict, findings } = scanWith(file, parseLimits([`${name}=${value}`]));
    expect(findings.map(({ rule }) => rule)).toContain(LIMITS.get(name)?.rule);
    expect(ORDER.indexOf(verdict)).toBeGreaterThanOrEqual(ORDER.indexOf(ODD.has(name) ? 'suspicious' : 'incomplete'));
  });

  it('is not hit by default', () => {
    const { verdict, findings } = scanWith(file, {});
    expect(verdict).toBe(byDefault);
    if (byDefault === 'clean') expect(findings).toEqual([]);
  });
});
