import { describe, expect, it } from 'vitest';
import { MalformedContainer, readZip, sniffContainer } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/source.ts';
import { makeZip, type ZipPart } from '../../fixtures/zip.ts';

const good: ZipPart = { name: 'archive/data.pkl', bytes: Buffer.from('\x80\x02}.', 'latin1') };
const numbers: ZipPart = { name: 'archive/data/0', bytes: Buffer.from('abcdefgh') };
const problemsOf = (...parts: ZipPart[]) =>
  readZip(bytesSource(makeZip(parts))).problems.map(({ rule, severity }) => [rule, severity]);

describe('an archive as torch writes it', () => {
  const bytes = makeZip([good, { ...numbers, deflate: true }]);
  const archive = readZip(bytesSource(bytes));

  it('has every member, and nothing odd', () => {
    expect(archive.problems).toEqual([]);
    expect(archive.entries.map(({ name, size }) => [name, size])).toEqual([
      ['archive/data.pkl', 4],
      ['archive/data/0', 8],
    ]);
  });

  it('gives the bytes of members, packed or not', () => {
    expect(archive.entries.map((entry) => Buffer.from(archive.readMember(entry, 100)).toString('latin1'))).toEqual([
      '\x80\x02}.',
      'abcdefgh',
    ]);
    const [first] = archive.entries;
    expect(bytes.subarray(first?.dataOffset, (first?.dataOffset ?? 0) + 4)).toEqual(good.bytes);
  });

  it('is known by its content', () => {
    expect(sniffContainer(bytesSource(bytes))).toBe('torch-zip');
    expect(sniffContainer(bytesSource(makeZip([numbers])))).toBe('zip');
  });

  it('ends in a sentence wherever it is cut', () => {
    for (let length = 4; length < bytes.length; length += 1) {
      expect(() => readZip(bytesSource(bytes.subarray(0, length)))).toThrow(MalformedContainer);
    }
  });
});

it.each([
  ['two parts of one name', [good, good], 'zip/duplicate-name', 'dangerous'],
  [
    'two parts whose names differ in case',
    [good, { ...good, name: 'archive/DATA.PKL' }],
    'zip/duplicate-name',
    'dangerous',
  ],
  [
    'a name that differs between the headers',
    [{ ...good, localName: 'archive/safe.pkl' }],
    'zip/name-mismatch',
    'dangerous',
  ],
  ['a name that leaves the folder', [{ ...good, name: '../../etc/x' }], 'zip/unsafe-name', 'suspicious'],
  ['an encrypted part', [{ ...good, flags: 1 }], 'zip/encrypted', 'suspicious'],
] as const)('%s is said', (_, parts, rule, severity) => {
  expect(problemsOf(...parts)).toContainEqual([rule, severity]);
});

it('finds the archive behind other bytes, and says so', () => {
  const archive = readZip(bytesSource(Buffer.concat([Buffer.from('JUNKJUNK'), makeZip([good])])));
  expect(archive.problems.map(({ rule }) => rule)).toEqual(['zip/data-before']);
  expect(archive.entries.map((entry) => archive.readMember(entry, 100).length)).toEqual([4]);
});

it.each([
  ['a wrong checksum', { ...good, crc32: 1 }, /checksum/],
  ['an encrypted part', { ...good, flags: 1 }, /encrypted/],
  [
    'a part that inflates beyond the limit',
    { name: 'bomb', bytes: new Uint8Array(1 << 20), deflate: true },
    /extracted within/,
  ],
] as const)('does not hand out %s', (_, part, message) => {
  const archive = readZip(bytesSource(makeZip([part])));
  expect(() => archive.readMember(archive.entries[0]!, 4096)).toThrow(message);
});
