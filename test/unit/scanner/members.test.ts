import { describe, expect, it } from 'vitest';
import { bytesSource, scan } from '#scanner/index.ts';
import { appearanceOf, FILE_KINDS, isCodeName } from '#scanner/members/index.ts';
import { MARKS } from '#scanner/members/marks.ts';
import { latin1 } from '../../fixtures/pickles.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { makeRandom } from '../../fuzz/random.ts';

const scanEntry = (name: string, bytes: Uint8Array) => scan(bytesSource(makeZip([{ name, bytes }])));

describe.each(MARKS)('an entry with, at byte %i, the mark %j', (at, mark, kind) => {
  const bytes = latin1(`${'\x01'.repeat(at)}${mark}\0`);
  const first = MARKS.find(([start, text]) => Buffer.from(bytes).toString('latin1').startsWith(text, start));

  it(`is ${kind}, whatever it is called`, () => {
    expect(appearanceOf(bytesSource(bytes)).kind).toBe(first?.[2]);
    for (const name of ['extra', 'a.png', 'README.md', 'tokenizer/vocab.json']) {
      const isClean = scanEntry(name, bytes).verdict === 'clean';
      expect([name, isClean]).toEqual([name, FILE_KINDS[kind].judgement === 'harmless']);
    }
  });

  it('is never clean under a name that runs', () => {
    expect(scanEntry('a.scr', bytes).verdict).not.toBe('clean');
  });
});

it('bytes of no format are never clean, whatever they are called', () => {
  const random = makeRandom(5);
  const names = ['extra', 'a.txt', 'a.json', 'a.yaml', 'a.png', 'spiece.model', 'config', 'archive/version'];
  for (let count = 0; count < 400; count += 1) {
    const bytes = Uint8Array.from({ length: 20 + random.below(300) }, () => random.below(256));
    const name = random.pick(names);
    expect([name, Buffer.from(bytes).toString('latin1'), scanEntry(name, bytes).verdict]).not.toContain('clean');
  }
});

it('what is behind a long beginning of a text counts, too', () => {
  for (const length of [10, 5000, 20_000, 70_000, 300_000]) {
    const bytes = Buffer.concat([Buffer.alloc(length, 'a text\n'), Buffer.of(0, 1, 2, 0xff)]);
    expect(scanEntry('README.md', bytes).verdict).toBe('incomplete');
    const json = Buffer.from(`{"a": "${'b'.repeat(length)}", "_target_": "os.system"}`);
    expect(scanEntry('config.json', json).verdict).toBe('dangerous');
  }
});

it.each(['a.py', 'A.PY', 'x/code/y', 'a.vbs ', 'a.exe...', 'Makefile', 'b/.bashrc', 'a.JAR', 'a\\b.bat'])(
  '%j is the name of a program',
  (name) => expect(isCodeName(name)).toBe(true),
);

it.each(['README.md', 'vocab.json', 'merges.txt', 'a.safetensors', 'archive/data/0', '.gitattributes', 'LICENSE', ''])(
  '%j is not',
  (name) => expect(isCodeName(name)).toBe(false),
);

it('names the entries that were not checked, one finding each', () => {
  const report = scan(
    bytesSource(makeZip(['one', 'two'].map((name) => ({ name, bytes: latin1('\x00\x01\x02\x03 something') })))),
  );
  expect(report).toMatchObject({
    verdict: 'incomplete',
    findings: ['one', 'two'].map((member) => ({
      rule: 'member/not-checked',
      where: { member },
      message: `The entry ${member} was not checked: its format is unknown.`,
    })),
  });
});

it.each([
  ['\x89HDF\r\n\x1a\n\0{"class_name": "Lambda"}', true],
  ['\x89HDF\r\n\x1a\n\0{"class_name": "Dense"}', false],
])('%j is not supported, and what would run of it is reported: %s', (bytes, runs) => {
  const { verdict, findings } = scan(bytesSource(latin1(bytes)));
  expect([verdict, findings.some(({ rule }) => rule === 'member/names-code')]).toEqual(['incomplete', runs]);
});
